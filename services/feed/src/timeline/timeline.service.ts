import { type Card, firstIdAt, JsonText } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Order, Page, PageRequest, TimelineRepository } from './timeline.repository.ts'

/** How long a reader waits for timelines that are being built; less than the two seconds its caller's sidecar grants. */
const WAIT_FOR_BUILD_MS = 1_500

/** Sees to it that timelines which are not there get built. */
export interface Builder {
  /** @returns whether the timelines are there before `timeoutMs` is over */
  whenBuilt(timeoutMs: number): Promise<boolean>
}

/** What readers get. */
export class TimelineService {
  readonly #timelines: TimelineRepository
  readonly #builder: Builder

  constructor(options: { timelines: TimelineRepository; builder: Builder }) {
    this.#timelines = options.timelines
    this.#builder = options.builder
  }

  /**
   * One page, newest first. A position is a video's id, so what arrives or vanishes elsewhere moves nothing.
   *
   * @throws ServiceError `malformed_cursor`, `unavailable`
   */
  async newest(input: {
    cursor?: string | undefined
    limit: number
  }): Promise<JsonText<{ items: Card[]; nextCursor: string | null }>> {
    const from = input.cursor === undefined ? '+inf' : `(${decodeCursor(input.cursor)}`
    const page = await this.#read({ order: 'newestFirst', from, to: '-inf', limit: input.limit })
    const nextCursor = page.nextId === null ? null : encodeCursor(page.nextId)
    return new JsonText(`{"items":${page.cards},"nextCursor":${JSON.stringify(nextCursor)}}`)
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
    const page = await this.#read({ order: input.order, from, to, limit: input.limit })
    return new JsonText(`{"items":${page.cards}}`)
  }

  /** An empty Redis is no empty catalogue: where the timelines were lost, they are built before anybody is answered. */
  async #read(request: PageRequest): Promise<Page> {
    const page = await this.#timelines.readPage(request)
    if (page) return page
    const isBuilt = await this.#builder.whenBuilt(WAIT_FOR_BUILD_MS)
    const secondTry = isBuilt ? await this.#timelines.readPage(request) : undefined
    if (secondTry) return secondTry
    throw new ServiceError('unavailable', { detail: 'The timelines are being built', retryAfterSeconds: 1 })
  }
}
