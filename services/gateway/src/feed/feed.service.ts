import type { Card, feedContract, RankingPeriod } from '@fanone/contracts'
import type { ServiceClient } from '@fanone/service-kit'
import pMemoize from 'p-memoize'

const READ_TIMEOUT_MS = 3_000

type Timelines = ServiceClient<typeof feedContract>['timelines']

/**
 * Who asks for a page while the same one is being fetched for another shares the answer, which is of the same moment for all and kept for
 * nobody who comes later.
 */
const sharing = { cacheKey: (input: unknown[]) => JSON.stringify(input), cache: false } as const

/** The timelines, as all APIs use them. Pages are shared between requests: whoever shows them makes something of their own of them. */
export class FeedService {
  readonly #timelines: Pick<Timelines, 'newest' | 'popular' | 'between' | 'following'>

  constructor(feed: ServiceClient<typeof feedContract>) {
    const options = () => ({ context: { timeoutMs: READ_TIMEOUT_MS } })
    this.#timelines = {
      newest: pMemoize((input) => feed.timelines.newest(input, options()), sharing),
      popular: pMemoize((input) => feed.timelines.popular(input, options()), sharing),
      between: pMemoize((input) => feed.timelines.between(input, options()), sharing),
      following: (input) => feed.timelines.following(input, options()),
    }
  }

  /** Newest first. @throws ServiceError `malformed_cursor` */
  newest(page: { cursor?: string | undefined; limit: number }) {
    const { cursor, limit } = page
    const input = cursor === undefined ? { limit } : { cursor, limit }
    return this.#timelines.newest(input)
  }

  /** Most visited first. @throws ServiceError `malformed_cursor` */
  popular(page: { period: RankingPeriod; cursor?: string | undefined; offset?: number; limit: number }) {
    const { cursor, ...rest } = page
    const input = cursor === undefined ? rest : { ...rest, cursor }
    return this.#timelines.popular(input)
  }

  /** The videos of those a user follows, newest first. @throws ServiceError `malformed_cursor` */
  following(page: { userId: number; cursor?: string | undefined; limit: number }) {
    const { cursor, ...rest } = page
    const input = cursor === undefined ? rest : { ...rest, cursor }
    return this.#timelines.following(input)
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
    const { items } = await this.#timelines.between(input)
    return items
  }
}
