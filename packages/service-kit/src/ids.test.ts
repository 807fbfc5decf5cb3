import { idTimeMs } from '@fanone/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IdGenerator } from './ids.ts'

test('ids only grow, whatever the clock does', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1_780_000_000_000, max: 1_780_000_000_050 }), { minLength: 2, maxLength: 400 }),
      (clock) => {
        const times = [...clock]
        const generator = new IdGenerator(
          () => 3,
          () => times.shift() as number,
        )
        const ids = clock.map(() => generator.next())
        for (let index = 1; index < ids.length; index++) expect(ids[index]).toBeGreaterThan(ids[index - 1] as number)
      },
    ),
  )
})

test('two workers never make the same id in the same millisecond', () => {
  const now = () => 1_780_000_000_000
  const ids = [0, 31].flatMap((worker) => {
    const generator = new IdGenerator(() => worker, now)
    return Array.from({ length: 1_000 }, () => generator.next())
  })
  const sameMs = ids.filter((id) => idTimeMs(id) === now())
  expect(new Set(sameMs).size).toBe(sameMs.length)
})

test('an id is a safe integer until 2093 and tells its time', () => {
  const timeMs = Date.UTC(2093, 0, 1)
  const id = new IdGenerator(
    () => 31,
    () => timeMs,
  ).next()
  expect(Number.isSafeInteger(id)).toBe(true)
  expect(idTimeMs(id)).toBe(timeMs)
})

test('no id is made without a lease', () => {
  const generator = new IdGenerator(() => {
    throw new Error('no lease')
  })
  expect(() => generator.next()).toThrow('no lease')
})
