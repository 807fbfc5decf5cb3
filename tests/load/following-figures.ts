/** Measures the following feed on the stack the environment names. Loaded by following.ts. */
import { once } from 'node:events'
import { composeId, feedContract } from '@fanone/contracts'
import { AuthorRepository } from '../../services/feed/src/author/author.repository.ts'
import { FollowingRepository } from '../../services/feed/src/following/following.repository.ts'
import { connectFeedRedis, type FeedRedis, keys } from '../../services/feed/src/redis/feed-redis.ts'
import { exampleVideo } from '../../services/feed/src/testing/examples.ts'
import { changeFromVideo } from '../../services/feed/src/timeline/card.ts'
import { TimelineRepository } from '../../services/feed/src/timeline/timeline.repository.ts'
import { silentLog } from '../support/scratch-database.ts'
import { sidecarOf } from '../support/sidecars.ts'
import { eventually, port, secrets } from '../support/stack.ts'
import { planService } from './feed-requests.ts'
import { printTable } from './figures.ts'
import { type LoadClient, startLoadClient } from './helpers.ts'
import { median } from './rounds.ts'

const FOLLOWS = [10, 500, 5_000, 20_000]
const PAGES = 10
const PAGE_SIZE = 30
/** Authors with many videos, whom everybody follows. */
const PROLIFIC = 2
const THEIR_VIDEOS = 10_000
/** Far from the ids that people get. */
const FIRST_USER = 1_000_000
const HEAVY_READERS = 2
const CONNECTIONS = 8

interface Page {
  items: object[]
  nextCursor: string | null
}

export async function measureFollowing({ rounds }: { rounds: number }): Promise<void> {
  const password = String((await secrets())['redis-password'])
  const redis = connectFeedRedis({ address: `127.0.0.1:${port(7002)}`, password, log: silentLog })
  await once(redis, 'ready')
  // The rebuild at the start would take out again what the owners do not have.
  const isRebuilt = async () =>
    (await redis.exists(keys.built)) === 1 && (await redis.exists(keys.supplementsMissing)) === 0
  await eventually(isRebuilt)
  await fill(redis)
  const read = await reader()
  await measurePages(redis, read, rounds)
  const client = startLoadClient()
  await measureNeighbours(client, read, rounds).finally(() => client.stop())
  redis.disconnect()
}

const authorAt = (index: number) => FIRST_USER + index
const readerOf = (follows: number) => FIRST_USER * 2 + follows

/** Authors, videos and follows, the way that events bring them. */
async function fill(redis: FeedRedis): Promise<void> {
  const [timelines, authors, following] = [
    new TimelineRepository(redis),
    new AuthorRepository(redis),
    new FollowingRepository(redis),
  ]
  const count = Math.max(...FOLLOWS)
  const nowMs = Date.now()
  const video = (index: number, authorId: number, sequence: number) =>
    exampleVideo(composeId({ timeMs: nowMs - index * 1_000, worker: 0, sequence }), { authorId })
  const videos = Array.from({ length: count }, (_, index) => video(index, authorAt(index), 0))
  for (let index = 0; index < PROLIFIC * THEIR_VIDEOS; index++) videos.push(video(index, authorAt(index % PROLIFIC), 1))
  for (let from = 0; from < videos.length; from += 200)
    await timelines.merge(videos.slice(from, from + 200).map(changeFromVideo))
  for (let from = 0; from < count; from += 200)
    await Promise.all(
      Array.from({ length: 200 }, (_, at) => {
        const id = authorAt(from + at)
        return authors.replace({ id, username: `user${id}`, name: `User ${id}`, avatarKey: null }, null)
      }),
    )
  for (const follows of FOLLOWS)
    for (let from = 0; from < follows; from += 500)
      await following.merge(
        Array.from({ length: Math.min(500, follows - from) }, (_, at) => ({
          followerId: readerOf(follows),
          followeeId: authorAt(from + at),
          version: 1,
        })),
        true,
      )
}

type ReadPage = (userId: number, cursor: string | null) => Promise<Page>

/** Reads from the feed service itself, with the token its sidecar would show. */
async function reader(): Promise<ReadPage> {
  const { appPort, appToken } = await sidecarOf('feed')
  const url = `http://127.0.0.1:${appPort}${feedContract.timelines.following['~orpc'].route.path}`
  const headers = { 'dapr-api-token': appToken, 'content-type': 'application/json' }
  return async (userId, cursor) => {
    const body = JSON.stringify({ userId, limit: PAGE_SIZE, ...(cursor && { cursor }) })
    const response = await fetch(url, { method: 'POST', headers, body })
    const text = await response.text()
    if (response.status !== 200) throw new Error(`${response.status} ${text.slice(0, 200)}`)
    return JSON.parse(text) as Page
  }
}

/** CPU of Redis's main thread, in ms. */
async function redisMs(redis: FeedRedis): Promise<number> {
  const info = await redis.info('cpu')
  const seconds = [...info.matchAll(/used_cpu_(?:sys|user)_main_thread:([\d.]+)/g)].map(([, value]) => Number(value))
  return seconds.reduce((sum, value) => sum + value, 0) * 1_000
}

async function measurePages(redis: FeedRedis, read: ReadPage, rounds: number): Promise<void> {
  const perPage = new Map(FOLLOWS.map((follows) => [follows, [] as number[]]))
  const first = new Map<number, number>()
  for (let round = 0; round <= rounds; round++) {
    for (const follows of FOLLOWS) {
      const before = await redisMs(redis)
      let cursor: string | null = null
      for (let page = 0; page < PAGES; page++) {
        const { items, nextCursor }: Page = await read(readerOf(follows), cursor)
        if (items.length !== PAGE_SIZE) throw new Error(`a page of ${follows} follows has ${items.length} videos`)
        cursor = nextCursor
        if (round === 0 && page === 0) first.set(follows, (await redisMs(redis)) - before)
      }
      if (round > 0) perPage.get(follows)?.push(((await redisMs(redis)) - before) / PAGES)
    }
  }
  const least = median(perPage.get(10) ?? [])
  await printTable(
    [
      'the reader follows',
      'ms of Redis for a page',
      'of the page with 10',
      'ms of Redis for the first page, window included',
    ],
    FOLLOWS.map((follows) => {
      const ms = median(perPage.get(follows) ?? [])
      return [String(follows), ms.toFixed(2), (ms / least).toFixed(2), (first.get(follows) ?? 0).toFixed(1)]
    }),
  )
}

/** The newest feed alone, and while two read what five thousand publish, as fast as they can. */
async function measureNeighbours(client: LoadClient, read: ReadPage, rounds: number): Promise<void> {
  const plan = await planService({ pages: 1 })
  const run = () => client.run({ ...plan, connections: CONNECTIONS, until: { seconds: 3 } })
  const figures = { alone: [] as number[], beside: [] as number[], pages: [] as number[] }
  await run()
  for (let round = 0; round < rounds; round++) {
    const alone = await run()
    let isOver = false
    let pages = 0
    const readers = Array.from({ length: HEAVY_READERS }, async () => {
      for (let cursor: string | null = null; !isOver; pages++) cursor = (await read(readerOf(5_000), cursor)).nextCursor
    })
    const beside = await run()
    isOver = true
    await Promise.all(readers)
    figures.alone.push(alone.correct / alone.seconds)
    figures.beside.push(beside.correct / beside.seconds)
    figures.pages.push(pages / beside.seconds)
  }
  await printTable(
    ['newest feed at the service', 'answers a second'],
    [
      ['alone', median(figures.alone).toFixed(0)],
      ['beside two readers who follow 5,000', median(figures.beside).toFixed(0)],
      ['pages a second of these two', median(figures.pages).toFixed(0)],
    ],
  )
}
