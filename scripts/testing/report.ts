import { stripVTControlCharacters } from 'node:util'
import type { Failure, FileTime } from './vitest-run.ts'

const SHOWN_FILES = 10
const SHOWN_FAILURES = 50
const SHOWN_LINES = 12

/** Limit of a complete run on two busy cores; the target on quiet ones is 15 minutes. */
const BUDGET_MINUTES = 30

/** The files that took longest, one a line. */
export function slowest(files: readonly FileTime[]): string {
  const shown = files.toSorted((a, b) => b.ms - a.ms).slice(0, SHOWN_FILES)
  const lines = shown.map(({ file, ms }) => `${(ms / 1_000).toFixed(1).padStart(7)} s  ${file}`)
  return lines.length === 0 ? '' : ['\nThe slowest files:', ...lines].join('\n')
}

/** @returns what is wrong with the time of a run of everything; undefined where nothing is */
export function overBudget(tookMs: number): string | undefined {
  const minutes = tookMs / 60_000
  if (minutes <= BUDGET_MINUTES) return undefined
  return `The run took ${minutes.toFixed(1)} minutes and may take ${BUDGET_MINUTES}: see the slowest files (docs/testing.md)`
}

/** What failed, with the first lines it said: whoever sees only the end of a log sees it too. */
export function whatFailed(failures: readonly Failure[]): string {
  const shown = failures.slice(0, SHOWN_FAILURES).map(({ name, said }) => {
    const lines = stripVTControlCharacters(said).trim().split('\n').slice(0, SHOWN_LINES)
    return [`FAILED ${name}`, ...lines.map((line) => `    ${line}`)].join('\n')
  })
  const left = failures.length - shown.length
  return ['', ...shown, ...(left > 0 ? [`… and ${left} more`] : [])].join('\n')
}
