import type { EventData, RankingPeriod, rankingUpdated } from '@fanone/contracts'
import { ask, type FeedRedis, keys, type PageAnswer } from '../redis/feed-redis.ts'
import { joinCards, readCounters, readRecords } from '../timeline/page.ts'

/** How long a ranking that was replaced can be read on. */
const SNAPSHOT_SECONDS = 10 * 60

export interface PopularPage {
  /** JSON of the cards, as an array. */
  cards: string
  /** Which ranking this is. */
  version: number
  /** Where more follows: the rank to go on from, 0 is the first. */
  nextRank: number | null
}

/** Where a page begins, and in which ranking: the one of now unless it is named. */
export interface PopularRequest {
  period: RankingPeriod
  version?: number | undefined
  rank: number
  limit: number
  /** Whether cards that are missing are made up for by those behind them. */
  isFilled: boolean
}

/** Rankings, kept as snapshots. */
export class PopularRepository {
  readonly #redis: FeedRedis

  constructor(redis: FeedRedis) {
    this.#redis = redis
  }

  /** Shows a ranking from now on. @returns false where a newer one is shown */
  async put({
    period,
    version,
    items,
  }: Pick<EventData<typeof rankingUpdated>, 'period' | 'version' | 'items'>): Promise<boolean> {
    const ranked = items.map(({ videoId, visits }) => `${videoId}:${visits}`)
    const args = [keys.rankingPrefix(period), version, SNAPSHOT_SECONDS, ...ranked]
    return (await ask(this.#redis.putRanking(keys.ranking(period), ...args))) === 1
  }

  /** @returns `gone` if the ranking has expired, undefined while the timelines are not built */
  async read(request: PopularRequest): Promise<PopularPage | 'gone' | undefined> {
    const { period, version, rank, limit, isFilled } = request
    const args = [keys.rankingPrefix(period), version ?? '', rank, limit, isFilled ? 1 : 0]
    const answer = await ask(this.#redis.readPopular(keys.built, keys.ranking(period), keys.counters, ...args))
    if (!answer) return undefined
    if (answer[0] === 'gone') return 'gone'
    const [shown, nextRank] = answer as PageAnswer
    const { cards, counters } = readRecords(answer as PageAnswer)
    const visitsOf = (name = '') => Number(name.slice(name.indexOf(':') + 1))
    const ranked = counters.map((record, at) => withRankedVisits(period, visitsOf(cards.names[at]), record))
    return {
      cards: joinCards(cards, ranked),
      version: Number(shown),
      nextRank: nextRank === '' ? null : Number(nextRank),
    }
  }
}

/**
 * The counters of a card on a page of a ranking. Rankings and counters arrive as different events,
 * so either may be newer: the visits shown must not contradict the rank.
 *
 * @param visits visits in the period; for `all`, the counter when the ranking was made
 */
function withRankedVisits(period: RankingPeriod, visits: number, record: string | null): string {
  const counters = readCounters(record)
  return JSON.stringify({ ...counters, visits: period === 'all' ? visits : Math.max(visits, counters.visits) })
}
