import { cpus, loadavg } from 'node:os'

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}

/** Prints where it was measured and a table in Markdown, its first column text, the others numbers. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const load = loadavg().map((value) => value.toFixed(1))
  console.log(
    `\n${cpus().length} × ${cpus()[0]?.model}, load average ${load.join(' ')}, Node ${process.versions.node}\n`,
  )
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  console.log(
    [line(header), line(header.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n'),
  )
}
