import type { CloudEvent } from '@fanone/contracts'
import { chunksOf } from '@fanone/service-kit'
import { LRUCache } from 'lru-cache'
import { ask, type FeedRedis, keys, type PageAnswer } from '../redis/feed-redis.ts'
import type { CardChange } from './card.ts'
import { type CardTexts, joinCards, joinPages, readRecords } from './page.ts'

const DAY_SECONDS = 24 * 60 * 60
/** Longer than Kafka keeps events by default, so that every possible redelivery is recognised. */
export const INBOX_SECONDS = 7 * DAY_SECONDS
const TOMBSTONE_SECONDS = 30 * DAY_SECONDS

/** Cards in one call of the script: with the longest texts it takes Redis two milliseconds. */
export const MERGED_AT_A_TIME = 40

/** Bounds the work for a page with many missing cards, and how long each step keeps Redis busy. */
const MAX_IDS_PER_PAGE = 5_000
const MAX_IDS_PER_STEP = 500

export type Order = 'newestFirst' | 'oldestFirst'

/**
 * A range of the timeline. `from` and `to` are bounds of a sorted set in reading order: `(5` is
 * beyond 5, `-inf` the oldest.
 */
export interface PageRequest {
  order: Order
  from: string
  to: string
  limit: number
}

export interface Page {
  /** JSON of the cards, as an array. */
  cards: string
  /** Where more follows: the id to go on after. */
  nextId: number | null
}

/** A page as of the last change of a card; its counters are read each time. */
interface RememberedPage {
  changed: string
  cards: CardTexts
  nextId: number | null
}

/** Pages an instance remembers; the longest have a hundred cards of some hundred bytes. */
const MAX_REMEMBERED = 100

/** The newest timeline: a sorted set of video ids, and one record for each card. */
export class TimelineRepository {
  readonly #redis: FeedRedis
  readonly #remembered = new LRUCache<string, RememberedPage>({ max: MAX_REMEMBERED })

  constructor(redis: FeedRedis) {
    this.#redis = redis
  }

  /**
   * Reads a page and skips missing cards. Every read asks Redis, which sends the cards only if one
   * has changed since the last read: joining them is the largest cost of a reader.
   *
   * @returns undefined if the timelines were never built, or were lost
   */
  async readPage(request: PageRequest): Promise<Page | undefined> {
    return this.#readOn(request, MAX_IDS_PER_PAGE)
  }

  /** @param mayLook at how many ids */
  async #readOn(request: PageRequest, mayLook: number): Promise<Page | undefined> {
    const step = await this.#readStep(request)
    const isWhole = !step || step.nextId === null || step.count === request.limit
    if (isWhole || mayLook <= MAX_IDS_PER_STEP) return step
    const next = { ...request, from: `(${step.nextId}`, limit: request.limit - step.count }
    const rest = await this.#readOn(next, mayLook - MAX_IDS_PER_STEP)
    return rest && { cards: joinPages(step.cards, rest.cards), nextId: rest.nextId }
  }

  /** Reads as much of a page as Redis does at a time, which nearly always is all of it. */
  async #readStep(request: PageRequest): Promise<(Page & { count: number }) | undefined> {
    const { order, from, to, limit } = request
    const key = `${order} ${from} ${to} ${limit}`
    const known = this.#remembered.get(key)
    const bounds = [order, from, to, limit, MAX_IDS_PER_STEP, known?.changed ?? '', ...(known?.cards.names ?? [])]
    const answer = await ask(this.#redis.readPage(keys.newest, keys.built, keys.changed, keys.counters, ...bounds))
    if (!answer) return undefined
    if (answer[0] === 'same' && known) return toStep(known, answer.slice(1) as (string | null)[])
    const [changed, nextId] = answer as PageAnswer
    const { cards, counters } = readRecords(answer as PageAnswer)
    const page = { changed, cards, nextId: nextId ? Number(nextId) : null }
    if (changed === '') this.#remembered.delete(key)
    else this.#remembered.set(key, page)
    return toStep(page, counters)
  }

  /**
   * Applies an event of a video, once and only if it is newer than the card.
   *
   * @returns false if the event was applied before
   */
  async applyOnce(event: CloudEvent, change: CardChange): Promise<boolean> {
    return (await this.#merge([keys.newest, keys.inbox(event)], [change])) === 1
  }

  /** Applies videos of the catalogue by the same rules. */
  async merge(changes: CardChange[]): Promise<void> {
    for (const some of chunksOf(changes, MERGED_AT_A_TIME)) await this.#merge([keys.newest], some)
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

function toStep({ cards, nextId }: RememberedPage, counters: (string | null)[]): Page & { count: number } {
  return { cards: joinCards(cards, counters), nextId, count: cards.names.length }
}
