import { ask, type FeedRedis, keys } from '../redis/feed-redis.ts'
import { joinCards, readRecords } from '../timeline/page.ts'
import type { Page } from '../timeline/timeline.repository.ts'

/** One follow, from an event or from the relation service. */
export interface Follow {
  followerId: number
  followeeId: number
  version: number
}

/** Authors merged into one page; who follows more sees only some of them. */
const MAX_AUTHORS = 5_000

/** Who follows whom, for the following timelines. */
export class FollowingRepository {
  readonly #redis: FeedRedis

  constructor(redis: FeedRedis) {
    this.#redis = redis
  }

  /**
   * Stores what is newer than the stored state.
   *
   * @param isActive whether the follows began or ended
   */
  async merge(follows: Follow[], isActive: boolean): Promise<void> {
    for (const [followerId, group] of Map.groupBy(follows, (follow) => follow.followerId)) {
      const args = group.flatMap(({ followeeId, version }) => [followeeId, version, isActive ? 1 : 0])
      const added = this.#redis.sadd(keys.followers, followerId)
      await ask(Promise.all([added, this.#redis.putFollow(keys.follows(followerId), ...args)]))
    }
  }

  /** Every follow that is known and has not ended. */
  async *all(): AsyncGenerator<Follow> {
    for await (const ids of this.#redis.sscanStream(keys.followers, { count: 500 }) as AsyncIterable<string[]>) {
      for (const id of ids) {
        const follows = await ask(this.#redis.hgetall(keys.follows(Number(id))))
        for (const [followeeId, version] of Object.entries(follows)) {
          if (!version.startsWith('-'))
            yield { followerId: Number(id), followeeId: Number(followeeId), version: Number(version) }
        }
      }
    }
  }

  /** Ends a follow that the relation service does not have, unless a newer version has arrived. */
  async end({ followerId, followeeId, version }: Follow): Promise<void> {
    await ask(this.#redis.endFollow(keys.follows(followerId), followeeId, String(version)))
  }

  /**
   * Newest first.
   *
   * @param request.beforeId from the newest where it is left out
   * @returns undefined while the timelines are not built
   */
  async read(request: { userId: number; beforeId?: number | undefined; limit: number }): Promise<Page | undefined> {
    const { userId, beforeId, limit } = request
    const args = [beforeId ?? '+inf', limit, MAX_AUTHORS]
    const answer = await ask(this.#redis.readFollowing(keys.built, keys.follows(userId), keys.counters, ...args))
    if (!answer) return undefined
    const { cards, counters } = readRecords(answer)
    return { cards: joinCards(cards, counters), nextId: answer[1] === '' ? null : Number(answer[1]) }
  }
}
