import { type EventData, RankingPeriod, type rankingUpdated } from '@fanone/contracts'
import { walkAll } from '@fanone/service-kit'
import type { CountersRepository, VideoCounters } from '../counters/counters.repository.ts'
import type { Follow, FollowingRepository } from '../following/following.repository.ts'
import type { PopularRepository } from '../popular/popular.repository.ts'

const PAGE_SIZE = 500

/** What the owners of counters, rankings and follows are asked. */
export interface SupplementSources {
  /** `counters.walk` of stats, of videos. */
  walkCounters: (input: { afterId: number; limit: number }) => Promise<{ items: VideoCounters[] }>
  /** `rankings.get` of stats. */
  getRanking: (input: { period: RankingPeriod }) => Promise<EventData<typeof rankingUpdated>>
  /** `follows.walk` of relation. */
  walkFollows: (input: {
    afterFollowerId: number
    afterFolloweeId: number
    limit: number
  }) => Promise<{ items: Follow[] }>
}

/** Fills in counters, rankings and follows. Versions decide, so events may arrive meanwhile. */
export class SupplementService {
  readonly #counters: CountersRepository
  readonly #popular: PopularRepository
  readonly #following: FollowingRepository
  readonly #sources: SupplementSources

  constructor(options: {
    counters: CountersRepository
    popular: PopularRepository
    following: FollowingRepository
    sources: SupplementSources
  }) {
    this.#counters = options.counters
    this.#popular = options.popular
    this.#following = options.following
    this.#sources = options.sources
  }

  /** @throws ServiceError where one of the owners, or Redis, does not answer */
  async rebuild(): Promise<void> {
    await this.#mergeCounters()
    for (const period of RankingPeriod.options) {
      const ranking = await this.#sources.getRanking({ period })
      if (ranking.version > 0) await this.#popular.put(ranking)
    }
    await this.#mergeFollows()
  }

  async #mergeCounters(): Promise<void> {
    const walk = async (last?: VideoCounters) =>
      (await this.#sources.walkCounters({ afterId: last?.id ?? 0, limit: PAGE_SIZE })).items
    for await (const counters of walkAll(PAGE_SIZE, walk)) await this.#counters.merge(counters)
  }

  /**
   * Reads the feed's follows first: one that its owner's later answer lacks has ended and is not
   * just new.
   */
  async #mergeFollows(): Promise<void> {
    const held = new Map<string, Follow>()
    for await (const follow of this.#following.all()) held.set(nameOf(follow), follow)
    const walk = async (last?: Follow) => {
      const after = { afterFollowerId: last?.followerId ?? 0, afterFolloweeId: last?.followeeId ?? 0 }
      return (await this.#sources.walkFollows({ ...after, limit: PAGE_SIZE })).items
    }
    for await (const follows of walkAll(PAGE_SIZE, walk)) {
      await this.#following.merge(follows, true)
      for (const follow of follows) held.delete(nameOf(follow))
    }
    for (const follow of held.values()) await this.#following.end(follow)
  }
}

const nameOf = ({ followerId, followeeId }: Follow) => `${followerId} ${followeeId}`
