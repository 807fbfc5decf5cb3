import { type Card, feedContract } from '@fanone/contracts'
import type { z } from 'zod'
import { AuthorRepository } from '../author/author.repository.ts'
import { toAuthor } from '../author/author.service.ts'
import { CountersRepository } from '../counters/counters.repository.ts'
import { FollowingRepository } from '../following/following.repository.ts'
import { FollowingService } from '../following/following.service.ts'
import { PopularRepository } from '../popular/popular.repository.ts'
import { keys } from '../redis/feed-redis.ts'
import { TimelineRepository } from '../timeline/timeline.repository.ts'
import { TimelineService } from '../timeline/timeline.service.ts'
import { exampleProfile } from './examples.ts'
import { startRedis } from './redis.ts'

/** All parts that answer readers, over a Redis for one test file. */
export async function startTimelines() {
  const server = await startRedis()
  const { redis } = server
  const authors = new AuthorRepository(redis)
  const timelines = new TimelineRepository(redis)
  const popular = new PopularRepository(redis)
  const following = new FollowingRepository(redis)
  /** Of an instance. */
  const newService = (options: { windowVideos?: number } = {}) =>
    new TimelineService({
      timelines,
      popular,
      following: new FollowingService(following, options),
      builder: { whenBuilt: async () => false },
    })
  return {
    redis,
    authors,
    timelines,
    counters: new CountersRepository(redis),
    popular,
    following,
    newService,
    service: newService(),

    /**
     * Resets to built timelines without videos.
     *
     * @param authorIds the known authors
     */
    async begin(authorIds: number[]): Promise<void> {
      await redis.flushall()
      await redis.set(keys.built, 1)
      for (const id of authorIds) await authors.replace(toAuthor(exampleProfile(id)), null)
    },

    end: () => server[Symbol.asyncDispose](),
  }
}

interface CardPage {
  items: Card[]
  nextCursor: string | null
}

/** The contract's schema of a page is the same for all timelines. */
const schema = feedContract.timelines.newest['~orpc'].outputSchema as z.ZodType<CardPage>

/** The answer for a reader, checked against the contract, which the service skips. */
export async function readChecked(page: ReturnType<TimelineService['newest']>): Promise<CardPage> {
  return schema.parse((await page).read())
}

/** Reads to the end, doing something between the pages. @returns the ids of the videos */
export async function readToEnd(
  read: (cursor: { cursor?: string }) => Promise<CardPage>,
  between: (page: number) => Promise<unknown> = async () => {},
): Promise<number[]> {
  const seen: number[] = []
  let cursor: string | undefined
  for (let page = 0; ; page++) {
    const { items, nextCursor } = await read(cursor === undefined ? {} : { cursor })
    seen.push(...items.map(({ id }) => id))
    if (nextCursor === null) return seen
    cursor = nextCursor
    await between(page)
  }
}
