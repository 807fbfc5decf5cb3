import { afterAll, beforeAll, expect, test } from 'vitest'
import { CountersRepository } from '../counters/counters.repository.ts'
import { FollowingRepository } from '../following/following.repository.ts'
import { Window } from '../following/window.ts'
import { PopularRepository } from '../popular/popular.repository.ts'
import { exampleVideo, idAt } from '../testing/examples.ts'
import { startRedis, type TestRedis } from '../testing/redis.ts'
import { changeFromVideo } from '../timeline/card.ts'
import { MERGED_AT_A_TIME, TimelineRepository } from '../timeline/timeline.repository.ts'
import { keys } from './feed-redis.ts'

/** What any script may take of Redis's one thread. */
const LIMIT_MS = 5
const ROUNDS = 5
const FOLLOWS = 20_000
const AUTHOR = 1_000_000

let server: TestRedis
let timelines: TimelineRepository
let following: FollowingRepository
let counters: CountersRepository
let popular: PopularRepository

const count = (length: number) => Array.from({ length }, (_, index) => index)
const text = '界'.repeat(2_000)
/** Cards that never show, because nobody knows their author. */
const hidden = count(5_000).map((index) => exampleVideo(idAt(index), { authorId: AUTHOR + (index % 200) }))
const follows = count(FOLLOWS).map((index) => ({ followerId: 1, followeeId: AUTHOR + index, version: 1 }))

beforeAll(async () => {
  server = await startRedis()
  timelines = new TimelineRepository(server.redis)
  following = new FollowingRepository(server.redis)
  counters = new CountersRepository(server.redis)
  popular = new PopularRepository(server.redis)
  await server.redis.set(keys.built, 1)
  for (let from = 0; from < hidden.length; from += 200)
    await timelines.merge(hidden.slice(from, from + 200).map(changeFromVideo))
  for (let from = 0; from < FOLLOWS; from += 500) await following.merge(follows.slice(from, from + 500), true)
  await popular.put({
    period: 'day',
    version: 1,
    items: count(500).map((index) => ({ videoId: idAt(index), visits: 1 })),
  })
})
afterAll(() => server[Symbol.asyncDispose]())

async function redisMs(): Promise<number> {
  const info = await server.redis.info('cpu')
  const seconds = [...info.matchAll(/used_cpu_(?:sys|user)_main_thread:([\d.]+)/g)].map(([, value]) => Number(value))
  return seconds.reduce((sum, value) => sum + value, 0) * 1_000
}

/** The longest that each script is made to run; a round is something new to it. */
const longest: Record<string, (round: number) => Promise<unknown>> = {
  'merge-cards: with the longest texts': (round) =>
    timelines.merge(
      count(MERGED_AT_A_TIME).map((index) =>
        changeFromVideo(exampleVideo(idAt(10_000 + 200 * round + index), { description: text, authorId: 9 })),
      ),
    ),
  'merge-counters': (round) =>
    counters.merge(count(200).map((index) => ({ id: idAt(index), version: round, likes: 1, comments: 1, visits: 1 }))),
  'put-follow: a page of the rebuild, of one follower': (round) =>
    following.merge(
      follows.slice(0, 500).map((follow) => ({ ...follow, version: 2 + round })),
      true,
    ),
  'put-ranking': (round) =>
    popular.put({
      period: 'week',
      version: round + 1,
      items: count(500).map((index) => ({ videoId: idAt(index), visits: 1 })),
    }),
  'read-popular: a page of one card that looks at the whole ranking': () =>
    popular.read({ period: 'day', rank: 0, limit: 1, isFilled: true }),
  'read-page: a page of one card, of which none shows': () => readHidden(1),
  'read-page: a page of a hundred cards, of which none shows': () => readHidden(100),
  'read-authors: the newest of many': () => newestOf(200, 5),
  'read-authors: many of one': () => newestOf(1, 1_000),
  'read-following: as many arrivals as it takes': async () => {
    const [first] = await server.redis.xrange(keys.arrivals, '-', '+', 'COUNT', 1)
    return propose([], first?.[0] ?? '')
  },
  'read-following: a page of a hundred, of which none shows': async () => {
    const [last] = await server.redis.xrevrange(keys.arrivals, '+', '-', 'COUNT', 1)
    return propose(
      hidden.slice(0, 101).map(({ id, authorId }) => ({ id, authorId })),
      last?.[0] ?? '',
    )
  },
}

const readHidden = (limit: number) =>
  server.redis.readPage(
    keys.newest,
    keys.built,
    keys.changed,
    keys.counters,
    'oldestFirst',
    '-inf',
    '+inf',
    limit,
    500,
    '',
  )

const newestOf = (authors: number, each: number) =>
  following.newestOf({
    authors: count(authors).map((index) => ({ authorId: AUTHOR + index, beforeId: Number.MAX_SAFE_INTEGER })),
    fromId: 0,
    count: each,
  })

/** @param seen the last arrival that the window has */
async function propose(videos: { id: number; authorId: number }[], seen: string): Promise<void> {
  const { added } = await following.stateOf(1)
  const window = new Window({ videos: [], ceiling: Number.MAX_SAFE_INTEGER, floor: 0, size: 10, seen, added })
  const answer = await following.readPage({ userId: 1, window, videos, limit: 100 })
  expect(answer?.outcome).toBe(videos.length === 0 ? 'arrived' : 'page')
}

test.each(Object.entries(longest))('%s: no longer than Redis may be held', async (_name, run) => {
  const times: number[] = []
  for (let round = 1; round <= ROUNDS; round++) {
    const before = await redisMs()
    await run(round)
    times.push((await redisMs()) - before)
  }
  expect(Math.min(...times)).toBeLessThan(LIMIT_MS)
})
