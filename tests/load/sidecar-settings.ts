/**
 * What settings of the sidecar cost a call and what they hold: pairs of sidecars that differ in one
 * thing, all running, in interleaved rounds of calls through both to a bare Express handler. Prints
 * CPU of both for a call, the ratio to the first, latency and memory.
 *
 * Run: node tests/load/sidecar-settings.ts [rounds] [another daprd]
 */
import { readFileSync } from 'node:fs'
import { type MeshSidecarOptions, SmallMesh } from '../support/small-mesh.ts'
import { printTable } from './figures.ts'
import { startBareHandlers, startLoadClient } from './helpers.ts'
import { measure, type Variant } from './rounds.ts'

const CONNECTIONS = 16
const SECONDS = 1.5
const METHOD = '/internal/items.getMany'

const [rounds = '7', otherDaprd] = process.argv.slice(2)

/** The first is as `npm start` has it. */
const settings: Record<string, MeshSidecarOptions> = {
  'as it is': {},
  ...(otherDaprd && { 'the other daprd': { daprd: otherDaprd } }),
  'GOGC=100': { env: { GOGC: '100' } },
  'GOGC=400': { env: { GOGC: '400' } },
  'GOGC=off, GOMEMLIMIT=128MiB': { env: { GOGC: 'off', GOMEMLIMIT: '128MiB' } },
  'GOMAXPROCS=1': { env: { GOMAXPROCS: '1' } },
  'no metrics': { spec: { metrics: { enabled: false } } },
  'six latency buckets': {
    spec: { metrics: { enabled: true, latencyDistributionBuckets: [5, 20, 100, 500, 2000, 10000] } },
  },
  'no health checks': { flags: ['--enable-app-health-check=false'] },
}

/** As much as a page of small items. */
const answer = JSON.stringify({
  items: Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}`, likes: id * 7 })),
})
const appIds = Object.keys(settings).map((_, index) => `callee-${index}`)
const mesh = await SmallMesh.open(appIds)
const client = startLoadClient()
const bare = startBareHandlers()
try {
  const variants: Variant[] = []
  for (const [name, options] of Object.entries(settings)) variants.push(await pair(name, options))
  const measured = await measure(variants, {
    client,
    rounds: Number(rounds),
    until: { seconds: SECONDS },
    connections: CONNECTIONS,
    warmUpAnswers: 1_500,
  })
  const first = [...measured.values()][0]?.leastCpuMs ?? Number.NaN
  const rows = variants.map(({ name, pids }) => {
    const figures = measured.get(name)
    if (!figures || figures.wrong + figures.failed > 0) throw new Error(`not all answers were right: ${name}`)
    const ratio = figures.leastCpuMs / first
    const memory = Object.values(pids).map((pid) => residentMiB(pid).toFixed(0))
    const numbers = [figures.leastCpuMs, ratio, figures.totalCpuMs].map((value) => value.toFixed(3))
    return [name, ...numbers, figures.p50Ms.toFixed(1), figures.p99Ms.toFixed(1), memory.join(' + ')]
  })
  const header = ['setting', 'CPU ms a call, least', 'of the first', 'median', 'p50 ms', 'p99 ms', 'RSS, MiB']
  await printTable(header, rows)
} finally {
  await client.stop()
  await bare.stop()
  await mesh.close()
}

/** Each pair has an app of its own name, so that it calls only itself. */
async function pair(name: string, options: MeshSidecarOptions): Promise<Variant> {
  const body = JSON.stringify({ ids: Array.from({ length: 20 }, (_, index) => 1_000_000 + index) })
  const request = {
    method: 'POST',
    path: METHOD,
    body,
    expected: answer,
    headers: { 'content-type': 'application/json' },
  } as const
  const app = await bare.planFor(request)
  const appId = appIds[Object.keys(settings).indexOf(name)] as string
  const callee = await mesh.start(appId, { appPort: Number(new URL(app.url).port), ...options })
  const caller = await mesh.start(`caller-${appId}`, options)
  const path = `/v1.0/invoke/${appId}/method${METHOD}`
  const plan = { url: `http://127.0.0.1:${caller.port}`, requests: [{ ...request, path }] }
  return { name, plan, pids: { caller: caller.process.pid as number, callee: callee.process.pid as number } }
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
