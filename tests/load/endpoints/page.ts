/** The tables of docs/performance.md that a race writes. */

import type { HashRate } from '../bare-hash.ts'
import { type CpuMs, sumOf } from '../cpu.ts'
import { markdownTable } from '../report.ts'
import type { Figures } from '../rounds.ts'
import before from './before.json' with { type: 'json' }
import type { Race } from './variants.ts'

/** Figures of endpoints and their bare handlers, by name and number of connections. */
export type Measured = Map<number, Map<string, Figures>>

export interface Outcome {
  machine: string
  races: Race[]
  measured: Measured
  hashes: HashRate | undefined
  idle: { cpu: CpuMs; singleLikeMs: number } | undefined
}

/** Targets are set for this many. */
const TARGET_CONNECTIONS = 32

const isSidecar = (name: string) => name.endsWith('.sidecar')
const servers = ['mysql', 'redis', 'kafka']

/** Columns of CPU and the processes they are the sum of. */
const groups: Record<string, (name: string, all: string[]) => boolean> = {
  gateway: (name) => name === 'gateway',
  'its sidecar': (name) => name === 'gateway.sidecar',
  services: (name, all) => name !== 'gateway' && all.includes(`${name}.sidecar`),
  'their sidecars': (name) => isSidecar(name) && name !== 'gateway.sidecar',
  MySQL: (name) => name === 'mysql',
  Redis: (name) => name === 'redis',
  Kafka: (name) => name === 'kafka',
  other: (name, all) => !servers.includes(name) && !isSidecar(name) && !all.includes(`${name}.sidecar`),
}

export function renderRace(outcome: Outcome): string {
  const { machine, measured } = outcome
  const tables = [...measured.keys()].map((connections) => tableOf(outcome, connections))
  return [machine, ...tables, idleLine(outcome.idle)].filter((part) => part !== '').join('\n\n')
}

function tableOf({ races, measured, hashes }: Outcome, connections: number): string {
  const figures = measured.get(connections) as Map<string, Figures>
  const hasTargets = connections === TARGET_CONNECTIONS
  const header = [
    'endpoint',
    ...(hasTargets ? ['target', 'times bare', 'before'] : ['times bare']),
    'CPU, ms',
    'bare, ms',
    'answers/s',
    'p50, ms',
    'p99, ms',
    ...Object.keys(groups),
    'not right',
  ]
  const rows = races.map(({ variant, bare, target }) => {
    const own = figures.get(variant.name) as Figures
    const yardstick = figures.get(bare.name) as Figures
    const times = (own.leastCpuMs / yardstick.leastCpuMs).toFixed(0)
    const earlier = (before as Record<string, number>)[variant.name]
    return [
      variant.name,
      ...(hasTargets ? [target ?? '', times, earlier ?? ''] : [times]),
      own.leastCpuMs.toFixed(2),
      yardstick.leastCpuMs.toFixed(3),
      own.answersPerSecond.toFixed(0),
      own.p50Ms.toFixed(1),
      own.p99Ms.toFixed(1),
      ...byGroup(own.cpuMs).map((ms) => ms.toFixed(2)),
      notRight(own),
    ]
  })
  const logIn = figures.get('/v1 log-in')
  const rest = logIn && hashes ? [`Log-in: ${aboveHash(logIn, hashes)}.`] : []
  return [`${connections} connection${connections === 1 ? '' : 's'}`, markdownTable(header, rows), ...rest].join('\n\n')
}

const aboveHash = ({ leastCpuMs }: Figures, { cpuMs }: HashRate) =>
  `${(leastCpuMs - cpuMs).toFixed(1)} ms above its hash (${cpuMs.toFixed(1)} ms in a process that does nothing else); target 3`

function byGroup(cpu: CpuMs): number[] {
  const all = Object.keys(cpu)
  return Object.values(groups).map((belongs) =>
    sumOf(
      cpu,
      all.filter((name) => belongs(name, all)),
    ),
  )
}

function notRight({ limited, shed, wrong, failed }: Figures): string {
  const counts = Object.entries({ '429': limited, '503': shed, wrong, failed })
  return counts.flatMap(([name, count]) => (count > 0 ? [`${count} × ${name}`] : [])).join(', ')
}

function idleLine(idle: Outcome['idle']): string {
  if (!idle) return ''
  const { cpu, singleLikeMs } = idle
  const cells = [sumOf(cpu), ...byGroup(cpu)].map((ms) => ms.toFixed(0))
  return [
    `Idle stack, ms of CPU a second (target 120), and a single like on it: ${singleLikeMs.toFixed(1)} ms above that (target 6).`,
    markdownTable(['', 'all', ...Object.keys(groups)], [['idle', ...cells]]),
  ].join('\n\n')
}
