import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import type { Recovery } from '../../../scripts/docs/fault-report.ts'
import { type Member, newMember, publish } from '../../support/community.ts'
import { announceSeed, scaled, seed } from '../../support/sampling.ts'
import { eventually, healthy, kill9 } from '../../support/stack.ts'
import { reportFigures } from '../ledger/figures.ts'
import { awaitQuiescence } from '../ledger/quiescence.ts'
import { queryMysql, withRedis } from '../ledger/stores.ts'
import { walkFeed } from '../ledger/workloads/feed.ts'

const losses = scaled({ quick: 2, full: 10 })
const readers = 8
const baselineMs = 3_000
/** How long after a loss the queries to MySQL are counted. */
const windowMs = 5_000

let member: Member
let expected: string

beforeAll(async () => {
  member = await newMember()
  for (let video = 0; video < 5; video++) await publish(member)
  await awaitQuiescence()
  expected = await page()
})

test(
  'R8: Redis is flushed and killed while the feed is read; nobody is shown anything wrong, and MySQL is not run over',
  async () => {
    announceSeed('R8')
    const reading = startReaders()
    const normal = await queriesPerSecond(baselineMs)
    const recoveries: Recovery[] = []
    let busiest = 0
    for (let loss = 0; loss < losses; loss++) {
      const isFlush = loss % 2 === 0
      const lostAt = performance.now()
      if (isFlush) await withRedis((redis) => redis.flushall())
      else await kill9('redis')
      const counting = queriesPerSecond(windowMs)
      await eventually(async () => (await page()) === expected, { timeoutMs: 60_000, intervalMs: 20 })
      const ms = Math.round(performance.now() - lostAt)
      await healthy()
      recoveries.push({
        fault: isFlush ? 'flush redis' : 'kill redis',
        writesMs: ms,
        allMs: Math.round(performance.now() - lostAt),
      })
      busiest = Math.max(busiest, await counting)
    }
    const { right, refused, wrong } = await reading.stop()
    reportFigures({
      row: 'R8',
      what: 'Redis flushed and killed in turn, under readers',
      seed,
      rounds: losses,
      ...{ acknowledged: right, unknown: refused, refused: 0, lost: 0, duplicates: 0, otherViolations: wrong.length },
      recoveries,
      measured: {
        'MySQL queries normally (1/s)': Math.round(normal),
        'MySQL queries after a loss, busiest (1/s)': Math.round(busiest),
      },
    })
    expect(wrong).toEqual([])
    expect(right).toBeGreaterThan(0)
    expect(busiest / normal, 'queries after a loss against normal').toBeLessThanOrEqual(3)
  },
  60_000 + losses * 60_000,
)

/** The newest five, as text to compare; with a token, so that no cache answers. */
async function page(): Promise<string> {
  const items = await walkFeed(member.api, { limit: 5, isEnough: () => true })
  return JSON.stringify(items)
}

/** Reads until stopped: an answer is right, refused (503 and the like), or wrong. */
function startReaders() {
  let isReading = true
  const tally = { right: 0, refused: 0, wrong: [] as string[] }
  const loop = async () => {
    while (isReading) {
      const answer = await page().catch(() => undefined)
      if (answer === undefined) tally.refused++
      else if (answer === expected) tally.right++
      else tally.wrong.push(answer)
      // Readers, not a flood: the machine is shared.
      await delay(10)
    }
  }
  const loops = Array.from({ length: readers }, loop)
  return {
    async stop() {
      isReading = false
      await Promise.all(loops)
      return tally
    },
  }
}

/** What MySQL is asked, by everybody, over a time. */
async function queriesPerSecond(ms: number): Promise<number> {
  const count = async () => {
    const [row] = await queryMysql<{ Value: string }>("show global status like 'Com_select'")
    return Number(row?.Value)
  }
  const before = await count()
  const startedAt = performance.now()
  await delay(ms)
  return ((await count()) - before) / ((performance.now() - startedAt) / 1_000)
}
