/**
 * How fast stats applies likes, exactly once: from Kafka through bulk deliveries into MySQL and the
 * cache. Puts likes on their topic as the relay would, waits until all are applied, and says how
 * many a second that was and what CPU each cost. Then a slower stream, to see how long a like takes
 * from its topic to the answer of stats.
 *
 * Run on a stack of its own (FANONE_HOME and FANONE_PORT_BASE as in npm start): node
 * tests/load/counters.ts [likes] [rounds]
 */
import { setTimeout as delay } from 'node:timers/promises'
import { countersOf, likeMessage, newId, produce, storedLikes } from '../stats/stats-parts.ts'
import { eventually, part } from '../support/stack.ts'
import { cpuBetween, readCpu } from './cpu.ts'
import { median } from './rounds.ts'

const [likes = 20_000, rounds = 3] = process.argv.slice(2).map(Number)
const VIDEOS = 200
const STREAM_PER_SECOND = 1_000
const STREAM_SECONDS = 5

const names = ['stats', 'stats.sidecar', 'mysql', 'redis', 'kafka']
const running = await Promise.all(names.map(part))
const pids = Object.fromEntries(running.map((one) => [one.part, one.pid as number]))
/** Asked of MySQL, because a look at the metrics costs the service more than many likes. */
const appliedTo = async (ids: number[]) => [...(await storedLikes(ids)).values()].reduce((sum, count) => sum + count, 0)

const rates: number[] = []
for (let round = 1; round <= rounds; round++) {
  const ids = Array.from({ length: VIDEOS }, newId)
  const authorId = newId()
  const messages = Array.from({ length: likes }, (_, index) =>
    likeMessage({ contentId: ids[index % VIDEOS] as number, userId: newId(), authorId }),
  )
  const [cpu, startedAt] = [readCpu(pids), performance.now()]
  await produce(messages)
  const producedAt = performance.now()
  await eventually(async () => (await appliedTo(ids)) === likes, { timeoutMs: 300_000, intervalMs: 50 })
  const seconds = (performance.now() - startedAt) / 1_000
  const used = cpuBetween(cpu, readCpu(pids))
  await eventually(async () => (await countersOf(ids.slice(0, 100))).every((one) => one.likes === likes / VIDEOS))
  rates.push(likes / seconds)
  const cost = Object.entries(used).map(([name, ms]) => `${name} ${(ms / likes).toFixed(3)}`)
  console.log(
    `round ${round}: ${(likes / seconds).toFixed(0)} likes/s (on the topic after ${((producedAt - startedAt) / 1_000).toFixed(1)} s); CPU ms each: ${cost.join(', ')}`,
  )
}
console.log(`median ${median(rates).toFixed(0)} likes/s applied exactly once`)

const delays: number[] = []
for (let slice = 0; slice < STREAM_SECONDS * 10; slice++) {
  const ids = Array.from({ length: STREAM_PER_SECOND / 10 }, newId)
  const startedAt = performance.now()
  await produce(ids.map((contentId) => likeMessage({ contentId, userId: newId(), authorId: newId() })))
  const sentAt = performance.now()
  if (slice % 5 === 0) {
    const [watched] = ids
    void eventually(async () => (await countersOf([watched as number]))[0]?.likes === 1, { intervalMs: 20 }).then(() =>
      delays.push(performance.now() - sentAt),
    )
  }
  await delay(Math.max(0, 100 - (performance.now() - startedAt)))
}
await eventually(() => delays.length === STREAM_SECONDS * 2)
const sorted = delays.toSorted((a, b) => a - b)
console.log(
  `visible after ${sorted[Math.floor(sorted.length / 2)]?.toFixed(0)} ms at the median, ${sorted.at(-1)?.toFixed(0)} ms at most`,
)
