import type { ContentCounters } from '@fanone/contracts'
import { ask, type FeedRedis, keys } from '../redis/feed-redis.ts'

/** What the counters of a video are at a version. */
export interface VideoCounters extends ContentCounters {
  id: number
  version: number
}

/** Videos in one call of the script. */
const VIDEOS_AT_A_TIME = 200

/** The counters of all videos, including those whose card has not arrived. */
export class CountersRepository {
  readonly #redis: FeedRedis

  constructor(redis: FeedRedis) {
    this.#redis = redis
  }

  /** Stores counters that are newer than the stored ones. */
  async merge(items: VideoCounters[]): Promise<void> {
    for (let from = 0; from < items.length; from += VIDEOS_AT_A_TIME) {
      const args = items.slice(from, from + VIDEOS_AT_A_TIME).flatMap(({ id, version, likes, comments, visits }) => {
        return [id, version, JSON.stringify({ likes, comments, visits })]
      })
      await ask(this.#redis.mergeCounters(keys.counters, ...args))
    }
  }
}
