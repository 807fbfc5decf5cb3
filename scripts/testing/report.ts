import type { FileTime } from './vitest-run.ts'

const SHOWN_FILES = 10

/** The files that took longest, one a line. */
export function slowest(files: readonly FileTime[]): string {
  const shown = files.toSorted((a, b) => b.ms - a.ms).slice(0, SHOWN_FILES)
  const lines = shown.map(({ file, ms }) => `${(ms / 1_000).toFixed(1).padStart(7)} s  ${file}`)
  return lines.length === 0 ? '' : ['\nThe slowest files:', ...lines].join('\n')
}
