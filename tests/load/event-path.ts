/**
 * The way of a like from its commit to the cards of the feed: outbox, relay, Kafka, stats,
 * `counters.changed`, feed. Likes so many a second, each by another user, and prints how long they
 * take to each station, what CPU each cost by process, and what the stack uses when nothing
 * happens.
 *
 * Up to 200 likes a second are calls to interaction; what goes beyond is committed to its outbox as
 * another instance would.
 *
 * Run on a stack of its own (FANONE_HOME and FANONE_PORT_BASE as in npm start): node
 * tests/load/event-path.ts [likes a second] [seconds] [videos]
 */
import { setTimeout as delay } from 'node:timers/promises'
import { contentLiked } from '@fanone/contracts'
import type { Redis } from 'ioredis'
import { withRedis } from '../faults/ledger/stores.ts'
import { newId } from '../stats/stats-parts.ts'
import { connectAsRoot } from '../support/scratch-database.ts'
import { sidecarOf } from '../support/sidecars.ts'
import { eventually, parts } from '../support/stack.ts'
import { type CpuMs, cpuBetween, readCpu, sumOf } from './cpu.ts'
import { printTable } from './figures.ts'

const [perSecond = 190, seconds = 20, videos = 20] = process.argv.slice(2).map(Number)
const MOST_CALLS_PER_SECOND = 200
/** As many as interaction has connections: a busy machine makes it slower and refuses nothing. */
const CALLS_AT_ONCE = 10
const IDLE_SECONDS = 20
const WARM_UP_SECONDS = 10
const TICK_MS = 10
const LOOK_EVERY_MS = 20
/** A trace that is not kept, as nearly all are where there are many. */
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'

const running = (await parts()).filter(({ pid }) => pid !== undefined)
const pids = Object.fromEntries(running.map((one) => [one.part, one.pid as number]))
const interaction = await sidecarOf('interaction')
const admin = await connectAsRoot()
const ids = Array.from({ length: videos }, newId)
const authorId = newId()
await admin.query('insert into interaction.content (kind, id, author_id) values ?', [
  ids.map((id) => ['video', id, authorId]),
])

/** How many likes a station has had, of all that were committed. */
const stations: Record<string, (redis: Redis) => Promise<number>> = {
  published: async () =>
    likes - (await numberOf("select count(*) from interaction.outbox where topic = 'content.liked'")),
  counted: () => numberOf('select sum(likes) from stats.content_counter where kind = ? and id in (?)', ['video', ids]),
  shown: async (redis) =>
    (await redis.hmget('feed:counters', ...ids.map(String))).reduce(
      (sum, one) => sum + (one ? JSON.parse(one.slice(one.indexOf(':') + 1)).likes : 0),
      0,
    ),
}
/** How many likes were committed by when, as far as the station has not had them. */
const committed = Object.fromEntries(Object.keys(stations).map((name) => [name, [] as { likes: number; at: number }[]]))
const delays = Object.fromEntries(Object.keys(stations).map((name) => [name, [] as number[]]))
const areAllShown = () => committed.shown?.length === 0
let likes = 0

const idle = await cpuDuring(() => delay(IDLE_SECONDS * 1_000))
const watching = watch()
await Promise.all(Array.from({ length: 4 }, likeOften))
await likeFor(WARM_UP_SECONDS)
await eventually(areAllShown, { timeoutMs: 120_000 })
for (const some of Object.values(delays)) some.length = 0
const before = likes
const busy = await cpuDuring(async () => {
  await likeFor(seconds)
  await eventually(areAllShown, { timeoutMs: 120_000 })
})
watching.stop()
await watching.ended
await admin.end()

const sent = likes - before
const used = (name: string) => ((busy.cpu[name] ?? 0) - ((idle.cpu[name] ?? 0) * busy.ms) / idle.ms) / sent
const rows = Object.keys(pids).map((name) => [
  name,
  (((idle.cpu[name] ?? 0) * 1_000) / idle.ms).toFixed(1),
  used(name).toFixed(3),
])
const total = sumOf(Object.fromEntries(Object.keys(pids).map((name) => [name, used(name)])))
rows.push(['all', ((sumOf(idle.cpu) * 1_000) / idle.ms).toFixed(1), total.toFixed(3)])
await printTable(['process', 'idle, CPU ms a second', 'CPU ms a like'], rows)
console.log(`${sent} likes of ${videos} videos in ${(busy.ms / 1_000).toFixed(1)} s; ms from the commit`)
await printTable(
  ['until', 'median', 'p99', 'at most'],
  Object.entries(delays).map(([name, some]) => {
    const sorted = some.toSorted((a, b) => a - b)
    return [name, ...[0.5, 0.99, 1].map((share) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0))]
  }),
)

async function cpuDuring(work: () => Promise<unknown>): Promise<{ cpu: CpuMs; ms: number }> {
  const [cpu, startedAt] = [readCpu(pids), performance.now()]
  await work()
  return { cpu: cpuBetween(cpu, readCpu(pids)), ms: performance.now() - startedAt }
}

/** A service that has just started is not as quick as it will be. */
async function likeOften(): Promise<void> {
  for (let index = 0; index < 250; index++) await likeByCall()
}

/** Commits likes at the rate; a tick that was late is made up for by the next. */
async function likeFor(howLong: number): Promise<void> {
  const startedAt = performance.now()
  const calling = new Set<Promise<unknown>>()
  let [calls, rowsSent] = [0, 0]
  for (let elapsed = 0; elapsed < howLong; elapsed = (performance.now() - startedAt) / 1_000) {
    const due = Math.floor(elapsed * Math.min(perSecond, MOST_CALLS_PER_SECOND))
    for (; calls < due; calls++) {
      if (calling.size === CALLS_AT_ONCE) await Promise.race(calling)
      const call = likeByCall().finally(() => calling.delete(call))
      calling.add(call)
    }
    const rowsDue = Math.floor(elapsed * Math.max(0, perSecond - MOST_CALLS_PER_SECOND))
    await likeByRows(rowsDue - rowsSent)
    rowsSent = rowsDue
    await delay(TICK_MS)
  }
  await Promise.all(calling)
}

function count(some: number): void {
  likes += some
  for (const some of Object.values(committed)) some.push({ likes, at: performance.now() })
}

async function likeByCall(): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${interaction.appPort}/internal/likes.like`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'dapr-api-token': interaction.appToken,
      'fanone-user-id': String(newId()),
      'fanone-session-id': 'load',
      traceparent,
    },
    body: JSON.stringify({ target: { kind: 'video', id: ids[likes % videos] } }),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  await response.arrayBuffer()
  count(1)
}

async function likeByRows(some: number): Promise<void> {
  if (some === 0) return
  const { topic, type } = contentLiked
  const values = Array.from({ length: some }, (_, index) => {
    const contentId = ids[(likes + index) % videos] as number
    const at = new Date().toISOString()
    const data = { kind: 'video' as const, contentId, authorId, userId: newId(), at }
    return [newId(), topic, type, contentLiked.orderedBy(data), JSON.stringify(data), traceparent, new Date()]
  })
  const columns = 'id, topic, type, aggregate_id, data, traceparent, created_at'
  await admin.query(`insert into interaction.outbox (${columns}) values ?`, [values])
  count(some)
}

async function numberOf(sql: string, values: unknown[] = []): Promise<number> {
  const [rows] = await admin.query({ sql, values, rowsAsArray: true })
  return Number((rows as [unknown][])[0]?.[0])
}

/** Compares what the stations have had with what was committed. */
function watch() {
  const stopping = new AbortController()
  const ended = withRedis(async (redis) => {
    while (!stopping.signal.aborted) {
      for (const [name, had] of Object.entries(stations)) {
        const [waiting = [], number] = [committed[name], await had(redis)]
        while (waiting[0] && waiting[0].likes <= number)
          delays[name]?.push(performance.now() - (waiting.shift()?.at as number))
      }
      await delay(LOOK_EVERY_MS)
    }
  })
  return { stop: () => stopping.abort(), ended }
}
