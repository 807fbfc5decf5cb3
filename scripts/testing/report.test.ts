import { expect, test } from 'vitest'
import { overBudget, slowest, whatFailed } from './report.ts'
import { failuresOf } from './vitest-run.ts'

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

test('the end of a run names each test that failed and each file that did not load, with what they said', () => {
  const failed = {
    status: 'failed',
    fullName: 'a like counts once',
    failureMessages: ['\u001b[31mexpected 2\u001b[39m'],
  }
  const passed = { status: 'passed', fullName: 'a like counts', failureMessages: [] }
  const failures = failuresOf(
    [
      { name: '/fanone/tests/a.test.ts', status: 'failed', message: '', assertionResults: [passed, failed] },
      { name: '/fanone/tests/b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
      { name: '/fanone/tests/c.test.ts', status: 'passed', message: '', assertionResults: [passed] },
    ],
    '/fanone',
  )
  expect(whatFailed(failures).trim().split('\n')).toEqual([
    'FAILED tests/a.test.ts > a like counts once',
    '    expected 2',
    'FAILED tests/b.test.ts',
    '    no such module',
  ])
})
