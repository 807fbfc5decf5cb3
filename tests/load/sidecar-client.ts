/**
 * What the kit's Dapr client costs on top of raw HTTP to the sidecar: a call (a page of the feed,
 * through the sidecars of gateway and feed) by undici alone, by our transport and by the typed
 * client; and a read of state (through the sidecar of user) by undici alone and by `StateStore` on
 * the SDK. Every answer is parsed. Interleaved rounds; prints CPU per call of the caller and of all
 * processes.
 *
 * Run on a stack with some videos (FANONE_HOME and FANONE_PORT_BASE as in npm start): node
 * tests/load/sidecar-client.ts [rounds]
 */
import { feedContract } from '@fanone/contracts'
import { connectDapr, createServiceClient, StateStore } from '@fanone/service-kit'
import { Pool } from 'undici'
import { sidecarOf } from '../support/sidecars.ts'
import { part } from '../support/stack.ts'
import { cpuBetween, readCpu, sumOf } from './cpu.ts'
import { printTable } from './figures.ts'
import { median } from './rounds.ts'

const CALLS = 500
const CONNECTIONS = 16

interface Comparison {
  /** Besides the caller. */
  parts: string[]
  /** The first is raw HTTP. */
  variants: Record<string, () => Promise<unknown>>
  close(): Promise<unknown>
}

const rounds = Number(process.argv[2] ?? 5)
await compare(await invocations())
await compare(await stateReads())

async function invocations(): Promise<Comparison> {
  const { pool, dapr, headers, close } = await connectAs('gateway')
  const client = createServiceClient(feedContract, { appId: 'feed', transport: dapr.transport })
  const input = { limit: 30 }
  const path = '/v1.0/invoke/feed/method/internal/timelines.newest'
  return {
    parts: ['gateway.sidecar', 'feed.sidecar', 'feed', 'redis'],
    variants: {
      'call, raw undici': async () =>
        (await pool.request({ method: 'POST', path, headers, body: JSON.stringify(input) })).body.json(),
      'call, transport': async () =>
        JSON.parse((await dapr.transport.request({ method: 'POST', path, body: input })).text),
      'call, typed client': () => client.timelines.newest(input),
    },
    close,
  }
}

async function stateReads(): Promise<Comparison> {
  const { pool, dapr, headers, close } = await connectAs('user')
  const state = new StateStore(dapr.client)
  const key = `load-${Date.now()}`
  await state.set(key, { userId: 2 ** 52, nonce: 'x'.repeat(43), generation: 7 }, { ttlSeconds: 600 })
  const path = `/v1.0/state/statestore/${key}`
  return {
    parts: ['user.sidecar', 'redis'],
    variants: {
      'state, raw undici': async () => (await pool.request({ method: 'GET', path, headers })).body.json(),
      'state, StateStore': () => state.get(key),
    },
    close,
  }
}

async function connectAs(appId: string) {
  const { port, token } = await sidecarOf(appId)
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 128, keepAliveTimeout: 30_000 })
  const dapr = connectDapr({ port, apiToken: token })
  const headers = { 'content-type': 'application/json', 'dapr-api-token': token }
  return { pool, dapr, headers, close: () => Promise.all([dapr.transport.close(), pool.close()]) }
}

async function compare({ parts, variants, close }: Comparison): Promise<void> {
  const running = await Promise.all(parts.map(part))
  const pids = { caller: process.pid, ...Object.fromEntries(running.map((one) => [one.part, one.pid as number])) }
  const results = Object.entries(variants).map(([name, call]) => ({
    name,
    call,
    own: [] as number[],
    all: [] as number[],
  }))
  for (let round = 0; round <= rounds; round++) {
    for (const { call, own, all } of results) {
      const [before, ownBefore] = [readCpu(pids), process.cpuUsage()]
      await inParallel(call)
      const used = process.cpuUsage(ownBefore)
      const isWarmUp = round === 0
      if (isWarmUp) continue
      own.push((used.user + used.system) / 1_000 / CALLS)
      all.push(sumOf(cpuBetween(before, readCpu(pids))) / CALLS)
    }
  }
  await close()
  const [raw = { own: [], all: [] }] = results
  const rows = results.map(({ name, own, all }) => [
    name,
    median(own).toFixed(4),
    (median(own) / median(raw.own)).toFixed(2),
    median(all).toFixed(3),
    (median(all) / median(raw.all)).toFixed(3),
  ])
  await printTable(['caller', 'CPU ms per call in the caller', 'of raw', 'in all processes', 'of raw, all'], rows)
}

async function inParallel(call: () => Promise<unknown>): Promise<void> {
  let left = CALLS
  const caller = async () => {
    while (left-- > 0) await call()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, caller))
}
