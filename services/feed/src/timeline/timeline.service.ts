import { type Card, firstIdAt, JsonText, type RankingPeriod } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import type { FollowingService } from '../following/following.service.ts'
import { decodePopularCursor, encodePopularCursor } from '../popular/cursor.ts'
import type { PopularRepository } from '../popular/popular.repository.ts'
import { decodeCursor, decodeFollowingCursor, encodeCursor, encodeFollowingCursor } from './cursor.ts'
import type { Order, Page, TimelineRepository } from './timeline.repository.ts'

/** How long a reader waits for a rebuild; less than the two seconds of its caller's sidecar. */
const WAIT_FOR_BUILD_MS = 1_500

/** Sees to it that timelines which are not there get built. */
export interface Builder {
  /** @returns whether the timelines are built within `timeoutMs` */
  whenBuilt(timeoutMs: number): Promise<boolean>
}

type CardPage = JsonText<{ items: Card[]; nextCursor: string | null }>

/** What readers get. */
export class TimelineService {
  readonly #timelines: TimelineRepository
  readonly #popular: PopularRepository
  readonly #following: FollowingService
  readonly #builder: Builder

  constructor(options: {
    timelines: TimelineRepository
    popular: PopularRepository
    following: FollowingService
    builder: Builder
  }) {
    this.#timelines = options.timelines
    this.#popular = options.popular
    this.#following = options.following
    this.#builder = options.builder
  }

  /**
   * One page, newest first. The position is a video's id, so changes elsewhere do not move it.
   *
   * @throws ServiceError `malformed_cursor`, `unavailable`
   */
  async newest(input: { cursor?: string | undefined; limit: number }): Promise<CardPage> {
    const from = input.cursor === undefined ? '+inf' : `(${decodeCursor(input.cursor)}`
    const request = { order: 'newestFirst', from, to: '-inf', limit: input.limit } as const
    const page = await this.#read(() => this.#timelines.readPage(request))
    return toPage(page, encodeCursor)
  }

  /**
   * Cards created strictly between two instants (ms since 1970).
   *
   * @throws ServiceError `unavailable`
   */
  async between(input: {
    afterMs?: number | undefined
    beforeMs?: number | undefined
    order: Order
    limit: number
  }): Promise<JsonText<{ items: Card[] }>> {
    const oldest = input.afterMs === undefined ? '-inf' : String(firstIdAt(input.afterMs + 1))
    const newest = input.beforeMs === undefined ? '+inf' : `(${firstIdAt(input.beforeMs)}`
    const [from, to] = input.order === 'newestFirst' ? [newest, oldest] : [oldest, newest]
    const page = await this.#read(() => this.#timelines.readPage({ order: input.order, from, to, limit: input.limit }))
    return new JsonText(`{"items":${page.cards}}`)
  }

  /**
   * Most visited first; a cursor continues the ranking of the first page.
   *
   * @throws ServiceError `malformed_cursor`, also if its ranking has expired; `unavailable`
   */
  async popular(input: {
    period: RankingPeriod
    cursor?: string | undefined
    offset?: number | undefined
    limit: number
  }): Promise<CardPage> {
    const { period, cursor, offset, limit } = input
    const { version, rank } =
      cursor === undefined ? { version: undefined, rank: offset ?? 0 } : decodePopularCursor(period, cursor)
    const request = { period, version, rank, limit, isFilled: offset === undefined }
    const page = await this.#read(() => this.#popular.read(request))
    if (page === 'gone')
      throw new ServiceError('malformed_cursor', { detail: 'The cursor is too old; start again without it' })
    const next = page.nextRank === null ? null : { version: page.version, rank: page.nextRank }
    return toText(page.cards, next && encodePopularCursor(period, next))
  }

  /** @throws ServiceError `malformed_cursor`, `unavailable` */
  async following(input: { userId: number; cursor?: string | undefined; limit: number }): Promise<CardPage> {
    const { userId, cursor, limit } = input
    const beforeId = cursor === undefined ? undefined : decodeFollowingCursor(cursor)
    const page = await this.#read(() => this.#following.read({ userId, beforeId, limit }))
    return toPage(page, encodeFollowingCursor)
  }

  /**
   * An empty Redis is not an empty catalogue: lost timelines are rebuilt before anybody is
   * answered.
   */
  async #read<Answer>(read: () => Promise<Answer | undefined>): Promise<Answer> {
    const answer = await read()
    if (answer) return answer
    const isBuilt = await this.#builder.whenBuilt(WAIT_FOR_BUILD_MS)
    const secondTry = isBuilt ? await read() : undefined
    if (secondTry) return secondTry
    throw new ServiceError('unavailable', { detail: 'The timelines are being built', retryAfterSeconds: 1 })
  }
}

/** @param encode makes the cursor that stands after a video */
function toPage(page: Page, encode: (id: number) => string): CardPage {
  return toText(page.cards, page.nextId === null ? null : encode(page.nextId))
}

function toText(cards: string, nextCursor: string | null): CardPage {
  return new JsonText(`{"items":${cards},"nextCursor":${JSON.stringify(nextCursor)}}`)
}
