/**
 * What our client of other services costs on top of raw HTTP to the sidecar: the same call (a page
 * of the feed, through the sidecars of gateway and feed) by undici alone, by our Sidecar class, and
 * by the typed client. The answer is read as JSON each time. Interleaved rounds; prints CPU per
 * call of the calling process and of everything that takes part.
 *
 * Run on a stack with some videos (FANONE_HOME and FANONE_PORT_BASE as in npm start): node
 * tests/load/sidecar-client.ts [rounds]
 */
import { feedContract } from '@fanone/contracts'
import { createServiceClient, Sidecar } from '@fanone/service-kit'
import { Pool } from 'undici'
import { sidecarOf } from '../support/sidecars.ts'
import { part } from '../support/stack.ts'
import { cpuBetween, readCpu, sumOf } from './cpu.ts'
import { printTable } from './figures.ts'
import { median } from './rounds.ts'

const CALLS = 500
const CONNECTIONS = 16
const input = { limit: 30 }
const path = '/v1.0/invoke/feed/method/internal/timelines.newest'

const rounds = Number(process.argv[2] ?? 5)
const { port, token } = await sidecarOf('gateway')
const sidecar = new Sidecar({ port, apiToken: token })
const client = createServiceClient(feedContract, { appId: 'feed', sidecar })
const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 128, keepAliveTimeout: 30_000 })
const headers = { 'content-type': 'application/json', 'dapr-api-token': token }

const variants: Readonly<Record<string, () => Promise<unknown>>> = {
  'raw undici': async () =>
    (await pool.request({ method: 'POST', path, headers, body: JSON.stringify(input) })).body.json(),
  'our Sidecar': async () => (await sidecar.send({ method: 'POST', path, body: input })).body.json(),
  'typed client': () => client.timelines.newest(input),
}

const running = await Promise.all(['gateway.sidecar', 'feed.sidecar', 'feed', 'redis'].map(part))
const pids = { caller: process.pid, ...Object.fromEntries(running.map((one) => [one.part, one.pid as number])) }
const results = Object.fromEntries(
  Object.keys(variants).map((name) => [name, { own: [] as number[], all: [] as number[] }]),
)
for (let round = 0; round <= rounds; round++) {
  for (const [name, call] of Object.entries(variants)) {
    const [before, ownBefore] = [readCpu(pids), process.cpuUsage()]
    await inParallel(call)
    const own = process.cpuUsage(ownBefore)
    const isWarmUp = round === 0
    if (isWarmUp) continue
    results[name]?.own.push((own.user + own.system) / 1_000 / CALLS)
    results[name]?.all.push(sumOf(cpuBetween(before, readCpu(pids))) / CALLS)
  }
}
await Promise.all([sidecar.close(), pool.close()])

const [base] = Object.values(results)
const rows = Object.entries(results).map(([name, { own, all }]) => [
  name,
  median(own).toFixed(4),
  (median(own) / median(base?.own ?? [])).toFixed(2),
  median(all).toFixed(3),
  // The calling process is measured finely, the others are the same whoever calls: their median
  // over all variants.
  ((median(own) + others()) / (median(base?.own ?? []) + others())).toFixed(3),
])
await printTable(['caller', 'CPU ms per call in the caller', 'of raw', 'in all processes', 'of raw, all'], rows)

function others(): number {
  return median(Object.values(results).flatMap(({ own, all }) => all.map((ms, index) => ms - (own[index] ?? 0))))
}

async function inParallel(call: () => Promise<unknown>): Promise<void> {
  let left = CALLS
  const caller = async () => {
    while (left-- > 0) await call()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, caller))
}
