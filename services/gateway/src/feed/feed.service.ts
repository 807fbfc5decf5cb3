import type { Card, feedContract, RankingPeriod } from '@fanone/contracts'
import type { ServiceClient } from '@fanone/service-kit'

const READ_TIMEOUT_MS = 3_000

/** The timelines, as all APIs use them. */
export class FeedService {
  readonly #feed: ServiceClient<typeof feedContract>

  constructor(feed: ServiceClient<typeof feedContract>) {
    this.#feed = feed
  }

  /** Newest first. @throws ServiceError `malformed_cursor` */
  newest(page: { cursor?: string | undefined; limit: number }) {
    const { cursor, limit } = page
    const input = cursor === undefined ? { limit } : { cursor, limit }
    return this.#feed.timelines.newest(input, { context: { timeoutMs: READ_TIMEOUT_MS } })
  }

  /** Most visited first. @throws ServiceError `malformed_cursor` */
  popular(page: { period: RankingPeriod; cursor?: string | undefined; offset?: number; limit: number }) {
    const { cursor, ...rest } = page
    const input = cursor === undefined ? rest : { ...rest, cursor }
    return this.#feed.timelines.popular(input, { context: { timeoutMs: READ_TIMEOUT_MS } })
  }

  /** The videos of those a user follows, newest first. @throws ServiceError `malformed_cursor` */
  following(page: { userId: number; cursor?: string | undefined; limit: number }) {
    const { cursor, ...rest } = page
    const input = cursor === undefined ? rest : { ...rest, cursor }
    return this.#feed.timelines.following(input, { context: { timeoutMs: READ_TIMEOUT_MS } })
  }

  /** Newest first. @param beforeMs ms since 1970, exclusive; from now where it is left out */
  async before(beforeMs: number | undefined, limit: number): Promise<Card[]> {
    const bound = beforeMs === undefined ? {} : { beforeMs }
    return this.#between({ ...bound, order: 'newestFirst', limit })
  }

  /** Oldest first, so that who asks again from the last one misses none. @param afterMs ms since 1970, exclusive */
  async after(afterMs: number, limit: number): Promise<Card[]> {
    return this.#between({ afterMs, order: 'oldestFirst', limit })
  }

  async #between(input: { afterMs?: number; beforeMs?: number; order: 'newestFirst' | 'oldestFirst'; limit: number }) {
    const { items } = await this.#feed.timelines.between(input, { context: { timeoutMs: READ_TIMEOUT_MS } })
    return items
  }
}
