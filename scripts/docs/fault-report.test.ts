import { expect, test } from 'vitest'
import { type Figures, renderFaultReport } from './fault-report.ts'

const kills: Figures = {
  row: 'kills',
  what: 'kill -9',
  ...{ seed: 7, rounds: 3, acknowledged: 100, unknown: 2, refused: 1, lost: 0, duplicates: 0, otherViolations: 0 },
  recoveries: [900, 100, 400].map((ms) => ({ fault: 'kill video', writesMs: ms, allMs: 2 * ms })),
  measured: { 'at rest after (ms)': 12 },
}
const circumstances = { date: '2026-11-21', machine: '2 cores', duration: 30, failedRows: [] }

test('a row of the report has its counts, the median and the largest recovery of each fault, and what was measured', () => {
  const report = renderFaultReport([kills], circumstances)
  expect(report).toContain('2026-11-21, 2 cores, 30 min. Every rule held.')
  expect(report).toContain('| kills | kill -9 | 3 | 7 | 100 | 2 | 1 | 0 | 0 | 0 |')
  expect(report).toContain('| kills: kill video | 3 | 0.4, 0.9 | 0.8, 1.8 |')
  expect(report).toContain('| kills | at rest after (ms) | 12 |')
})

test('a report tells which rows broke a rule', () => {
  expect(renderFaultReport([kills], { ...circumstances, failedRows: ['kills'] })).toContain('broken in: kills')
})
