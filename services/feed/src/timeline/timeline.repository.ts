import type { Card, CloudEvent } from '@fanone/contracts'
import { ask, type FeedRedis, keys } from '../redis/feed-redis.ts'
import type { CardChange } from './card.ts'

const DAY_SECONDS = 24 * 60 * 60
/** Longer than Kafka keeps events by default, so that whatever can be delivered again is recognised. */
export const INBOX_SECONDS = 7 * DAY_SECONDS
const TOMBSTONE_SECONDS = 30 * DAY_SECONDS

/** Bounds how long one page can keep Redis busy where very many cards are missing. */
const MOST_IDS_PER_PAGE = 5_000

export type Order = 'newestFirst' | 'oldestFirst'

/** A part of the timeline. `from` and `to` are bounds of a sorted set in reading order: `(5` is beyond 5, `-inf` the oldest. */
export interface PageRequest {
  order: Order
  from: string
  to: string
  limit: number
}

export interface Page {
  cards: Card[]
  /** Where more follows: the id to go on after. */
  nextId: number | null
}

/** The newest timeline: a sorted set of video ids, and one record for each card. */
export class TimelineRepository {
  readonly #redis: FeedRedis

  constructor(redis: FeedRedis) {
    this.#redis = redis
  }

  /**
   * Reads a page, filled up over cards that are missing.
   *
   * @returns undefined while the timelines were never built, or were lost
   */
  async readPage(request: PageRequest): Promise<Page | undefined> {
    const { order, from, to, limit } = request
    const answer = await ask(this.#redis.readPage(keys.newest, keys.built, order, from, to, limit, MOST_IDS_PER_PAGE))
    if (!answer) return undefined
    const [nextId, ...records] = answer
    return { cards: parseCards(records), nextId: nextId ? Number(nextId) : null }
  }

  /**
   * Applies what an event tells of a video, once and only if it is newer than what is known.
   *
   * @returns false where the event was applied before
   */
  async applyOnce(event: CloudEvent, change: CardChange): Promise<boolean> {
    return (await this.#merge([keys.newest, keys.inbox(event)], [change])) === 1
  }

  /** Applies what the catalogue tells, by the same rules. */
  async merge(changes: CardChange[]): Promise<void> {
    if (changes.length > 0) await this.#merge([keys.newest], changes)
  }

  #merge(scriptKeys: string[], changes: CardChange[]): Promise<0 | 1> {
    const args = changes.flatMap(({ id, version, card }) => [
      id,
      version,
      card ? `${card.authorId}:${JSON.stringify(card.facts)}` : '',
    ])
    return ask(this.#redis.mergeCards(scriptKeys.length, ...scriptKeys, INBOX_SECONDS, TOMBSTONE_SECONDS, ...args))
  }

  /** The first ids after `afterId`, in order. */
  async idsAfter(afterId: number, limit: number): Promise<number[]> {
    const ids = await ask(this.#redis.zrangebyscore(keys.newest, `(${afterId}`, '+inf', 'LIMIT', 0, limit))
    return ids.map(Number)
  }

  /** How many videos the timeline holds. */
  count(): Promise<number> {
    return ask(this.#redis.zcard(keys.newest))
  }
}

/** @param records card and author in turn */
function parseCards(records: string[]): Card[] {
  const cards: Card[] = []
  for (let i = 0; i + 1 < records.length; i += 2) {
    cards.push({ ...parseRecord(records[i] as string), author: parseRecord(records[i + 1] as string) })
  }
  return cards
}

/** The JSON of a record; its version and what else the scripts look at stand before it. */
function parseRecord(record: string) {
  return JSON.parse(record.slice(record.indexOf('{')))
}
