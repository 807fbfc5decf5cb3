import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import type { Figures } from './rounds.ts'

/** Processes whose CPU time has a column. */
const CPU_COLUMNS = ['bare', 'feed', 'redis']

/** Where and with what it was measured, in one line. */
export async function describeMachine(): Promise<string> {
  const version = (name: string) =>
    JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ')
  const model = cpus()[0]?.model ?? 'unknown processor'
  return `${new Date().toISOString()}, ${cpus().length} × ${model}, load average ${load}, Node ${process.versions.node}, Express ${version('express')}`
}

/** Medians of all rounds with one number of connections. CPU in ms per correct answer. */
export function mainTable(connections: number, figures: Map<string, Figures>): string {
  const header = [
    'variant',
    'answers/s',
    'p50 ms',
    'p99 ms',
    'CPU ms',
    ...CPU_COLUMNS,
    '429',
    '503',
    'wrong',
    'failed',
    'generator cores',
  ]
  const rows = [...figures].map(([name, one]) => {
    const cpu = [one.totalCpuMs, ...CPU_COLUMNS.map((part) => one.cpuMs[part])]
    const counts = [one.limited, one.shed, one.wrong, one.failed]
    return [
      name,
      one.answersPerSecond.toFixed(0),
      one.p50Ms.toFixed(2),
      one.p99Ms.toFixed(1),
      ...cpu.map(threeDigits),
      ...counts,
      one.clientCores.toFixed(2),
    ]
  })
  return `\n**${connections} connection${connections === 1 ? '' : 's'}**\n\n${markdownTable(header, rows)}`
}

/** Each variant against the first, in answers a second and in CPU per answer. */
export function ratios(byConnections: Map<number, Map<string, Figures>>): string {
  const header = [
    'against the bare handler',
    ...[...byConnections.keys()].flatMap((c) => [`answers/s, c=${c}`, `CPU, c=${c}`]),
  ]
  const names = [...(byConnections.values().next().value?.keys() ?? [])]
  const [bareName, ...others] = names
  const rows = others.map((name) => [
    name,
    ...[...byConnections.values()].flatMap((figures) => {
      const [one, bare] = [figures.get(name), figures.get(bareName as string)] as [Figures, Figures]
      return [(one.answersPerSecond / bare.answersPerSecond).toFixed(2), (one.totalCpuMs / bare.totalCpuMs).toFixed(2)]
    }),
  ])
  return `\n**Ratios**\n\n${markdownTable(header, rows)}`
}

/**
 * What is left of the CPU when one layer after the other is taken out; the last column compares
 * with the full service.
 */
export function layerTable(title: string, connections: number, figures: Map<string, Figures>): string {
  const columns = Object.keys([...figures.values()][0]?.cpuMs ?? {})
  const header = ['variant', 'CPU ms', ...columns, 'of the first', 'wrong or failed']
  const first = [...figures.values()][0]?.totalCpuMs ?? Number.NaN
  const rows = [...figures].map(([name, one]) => {
    const cpu = [one.totalCpuMs, ...columns.map((column) => one.cpuMs[column])].map(threeDigits)
    return [name, ...cpu, (one.totalCpuMs / first).toFixed(2), one.wrong + one.failed + one.shed + one.limited]
  })
  return `\n**${title}, ${connections} connections**\n\n${markdownTable(header, rows)}`
}

const threeDigits = (ms: number | undefined) => (ms === undefined ? '' : ms.toFixed(3))

export function markdownTable(header: string[], rows: (string | number)[][]): string {
  const line = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}
