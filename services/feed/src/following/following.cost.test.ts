import { afterAll, beforeAll, expect, test } from 'vitest'
import { exampleVideo, idAt } from '../testing/examples.ts'
import { readChecked, startTimelines } from '../testing/timelines.ts'
import { changeFromVideo } from '../timeline/card.ts'

const { redis, timelines, authors, following, service, begin, end } = await startTimelines()
afterAll(end)

const FOLLOWS = [10, 500, 5_000, 20_000]
const PAGES = 10
const ROUNDS = 5
/** Authors with ten thousand videos, whom everybody follows. */
const PROLIFIC = 2
const AUTHOR = 1_000

beforeAll(async () => {
  await begin([])
  const count = Math.max(...FOLLOWS)
  const cards = Array.from({ length: count }, (_, index) => exampleVideo(idAt(index), { authorId: AUTHOR + index }))
  for (let index = 0; index < PROLIFIC * 10_000; index++)
    cards.push(exampleVideo(idAt(index, 1), { authorId: AUTHOR + (index % PROLIFIC) }))
  for (let from = 0; from < cards.length; from += 200)
    await timelines.merge(cards.slice(from, from + 200).map(changeFromVideo))
  for (let index = 0; index < count; index++) {
    const author = { id: AUTHOR + index, username: `u${index}`, name: `U ${index}`, avatarKey: null }
    if (index % 500 === 0) await authors.replace(author, null)
    else void authors.replace(author, null)
  }
  for (const followerId of FOLLOWS) {
    const follows = Array.from({ length: followerId }, (_, index) => ({
      followerId,
      followeeId: AUTHOR + index,
      version: 1,
    }))
    for (let from = 0; from < follows.length; from += 500) await following.merge(follows.slice(from, from + 500), true)
  }
}, 120_000)

/** What Redis's one thread has worked, in ms: the time that nobody else is served. */
async function redisMs(): Promise<number> {
  const info = await redis.info('cpu')
  const seconds = [...info.matchAll(/used_cpu_(?:sys|user)_main_thread:([\d.]+)/g)].map(([, value]) => Number(value))
  return seconds.reduce((sum, value) => sum + value, 0) * 1_000
}

/** @returns ms of Redis for each page */
async function readPages(userId: number): Promise<number> {
  const before = await redisMs()
  let cursor: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const { items, nextCursor } = await readChecked(service.following({ userId, limit: 30, ...(cursor && { cursor }) }))
    expect(items).toHaveLength(30)
    cursor = nextCursor ?? undefined
  }
  return ((await redisMs()) - before) / PAGES
}

test('a page takes Redis the same time whether its reader follows ten, five thousand or twenty thousand', async () => {
  const least = new Map(FOLLOWS.map((count) => [count, Number.POSITIVE_INFINITY]))
  for (let round = 0; round <= ROUNDS; round++) {
    for (const count of FOLLOWS) {
      const ms = await readPages(count)
      if (round > 0) least.set(count, Math.min(least.get(count) as number, ms))
    }
  }
  for (const count of FOLLOWS) {
    expect.soft(least.get(count), `${count} follows`).toBeLessThan(1)
    expect.soft((least.get(count) as number) / (least.get(10) as number), `${count} follows`).toBeLessThan(2)
  }
}, 60_000)

test('who follows twenty thousand reads the videos of all of them', async () => {
  const seen = new Set<number>()
  let cursor: string | undefined
  do {
    const page = await readChecked(service.following({ userId: 20_000, limit: 100, ...(cursor && { cursor }) }))
    for (const { author } of page.items) seen.add(author.id)
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(seen.size).toBe(20_000)
}, 120_000)
