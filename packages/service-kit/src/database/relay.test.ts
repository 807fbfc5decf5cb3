import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutIntoRuns } from './relay.ts'

const rowsOf = fc.array(
  fc.record({ topic: fc.constantFrom('made', 'changed'), aggregateId: fc.integer({ min: 1, max: 4 }) }),
)

test('runs keep every row and the order, and hold one topic and no aggregate twice', () => {
  fc.assert(
    fc.property(rowsOf, (rows) => {
      const runs = cutIntoRuns(rows)
      expect(runs.flat()).toEqual(rows)
      for (const run of runs) {
        expect(new Set(run.map(({ topic }) => topic)).size).toBe(1)
        expect(new Set(run.map(({ aggregateId }) => aggregateId)).size).toBe(run.length)
      }
    }),
  )
})

test('events of different aggregates on one topic travel together', () => {
  const rows = [1, 2, 3].map((aggregateId) => ({ topic: 'made', aggregateId }))
  expect(cutIntoRuns(rows)).toEqual([rows])
})
