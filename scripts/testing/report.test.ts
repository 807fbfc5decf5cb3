import { expect, test } from 'vitest'
import { overBudget, slowest } from './report.ts'

test('the ten files that took longest are shown, the slowest first', () => {
  const files = Array.from({ length: 12 }, (_, index) => ({ file: `tests/${index}.test.ts`, ms: 1_000 * index }))
  const lines = slowest(files).trim().split('\n').slice(1)
  expect(lines).toHaveLength(10)
  expect(lines[0]).toMatch(/^ +11\.0 s {2}tests\/11\.test\.ts$/)
  expect(slowest([])).toBe('')
})

test('a run that takes longer than its budget is told so', () => {
  expect(overBudget(20 * 60_000)).toBeUndefined()
  expect(overBudget(31 * 60_000)).toBe(
    'The run took 31.0 minutes and may take 30: see the slowest files (docs/testing.md)',
  )
})
