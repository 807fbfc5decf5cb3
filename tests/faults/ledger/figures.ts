import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Figures } from '../../../scripts/docs/fault-report.ts'
import type { Operation } from './ledger.ts'
import type { RunResult } from './run.ts'

/** `npm run faults` names the file; other runs leave none. */
const figuresFile = process.env.FAULT_FIGURES

/** How often the operations of a ledger ended in which way. */
export function countOutcomes(operations: Operation[]): Pick<Figures, 'acknowledged' | 'unknown' | 'refused'> {
  const count = (outcome: Operation['outcome']) => operations.filter((one) => one.outcome === outcome).length
  return { acknowledged: count('ok'), unknown: count('unknown'), refused: count('fail') }
}

/** The figures of a run of workloads. */
export function figuresOf(
  row: Pick<Figures, 'row' | 'what' | 'rounds'> & Partial<Pick<Figures, 'recoveries' | 'measured'>>,
  result: RunResult<unknown>,
): Figures {
  const { seed, operations, violations, quiescentAfterMs } = result
  const lost = violations.filter(({ rule }) => rule === 'lost' || rule === 'missing').length
  const duplicates = violations.filter(({ rule }) => rule === 'duplicate').length
  return {
    ...row,
    seed,
    ...countOutcomes(operations),
    lost,
    duplicates,
    otherViolations: violations.length - lost - duplicates,
    recoveries: row.recoveries ?? [],
    measured: { 'at rest after (ms)': quiescentAfterMs, ...row.measured },
  }
}

/** Hands figures to the report, where one is being made. */
export function reportFigures(figures: Figures): void {
  if (figuresFile === undefined) return
  mkdirSync(dirname(figuresFile), { recursive: true })
  appendFileSync(figuresFile, `${JSON.stringify(figures)}\n`)
}
