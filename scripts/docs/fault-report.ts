/** How long it took after one fault, in ms. */
export interface Recovery {
  fault: string
  /** From the kill, or from the end of what lasted, until writes were acknowledged again. */
  writesMs: number
  /** The same until such a write showed everywhere and every part was healthy. */
  allMs: number
}

/** What the report says of one row of the fault catalogue. */
export interface Figures {
  /** For example `kills` or `R6`. */
  row: string
  what: string
  seed: number
  rounds: number
  acknowledged: number
  unknown: number
  refused: number
  lost: number
  duplicates: number
  otherViolations: number
  recoveries: Recovery[]
  /** Further figures by name, with their unit in the name. */
  measured: Record<string, number>
}

/** The circumstances of a run. */
export interface Circumstances {
  date: string
  machine: string
  /** In minutes. */
  duration: number
  failedRows: string[]
}

/** The generated part of docs/faults.md. */
export function renderFaultReport(rows: Figures[], circumstances: Circumstances): string {
  const { date, machine, duration, failedRows } = circumstances
  const verdict = failedRows.length === 0 ? 'Every rule held.' : `Rules were broken in: ${failedRows.join(', ')}.`
  return [
    `${date}, ${machine}, ${duration} min. ${verdict}`,
    '',
    '| row | what happened | rounds | seed | acknowledged | unknown | refused | lost | duplicates | other violations |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(toRow),
    '',
    '| fault | times | writes again after: median, max (s) | all right again after: median, max (s) |',
    '| --- | --- | --- | --- |',
    ...rows.flatMap(toRecoveries),
    '',
    '| row | measured | |',
    '| --- | --- | --- |',
    ...rows.flatMap(({ row, measured }) =>
      Object.entries(measured).map(([name, value]) => `| ${row} | ${name} | ${value} |`),
    ),
    '',
  ].join('\n')
}

function toRow(figures: Figures): string {
  const { row, what, rounds, seed, acknowledged, unknown, refused, lost, duplicates, otherViolations } = figures
  const cells = [row, what, rounds, seed, acknowledged, unknown, refused, lost, duplicates, otherViolations]
  return `| ${cells.join(' | ')} |`
}

function toRecoveries({ row, recoveries }: Figures): string[] {
  const byFault = Map.groupBy(recoveries, ({ fault }) => fault)
  return [...byFault.keys()].toSorted().map((fault) => {
    const all = byFault.get(fault) as Recovery[]
    const writes = spread(all.map(({ writesMs }) => writesMs))
    const everything = spread(all.map(({ allMs }) => allMs))
    return `| ${row}: ${fault} | ${all.length} | ${writes} | ${everything} |`
  })
}

/** Median and largest, in seconds. */
function spread(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  const seconds = (ms: number) => (ms / 1_000).toFixed(1)
  return `${seconds(median)}, ${seconds(sorted.at(-1) ?? 0)}`
}
