import { BoundedQueue, ServiceError } from '@fanone/service-kit'
import { LRUCache } from 'lru-cache'
import { joinCards, readRecords } from '../timeline/page.ts'
import type { Page } from '../timeline/timeline.repository.ts'
import type { FollowingRepository } from './following.repository.ts'
import { newestOfMany, type ReadNewest } from './newest-of-many.ts'
import { Window, type WindowVideo } from './window.ts'

/**
 * Videos in a window: the pages of some minutes. Who follows more gets a longer one, so that making
 * it costs little for each page.
 */
const WINDOW_VIDEOS = 500
const VIDEOS_PER_FOLLOW = 1 / 3
/** Bounds the memory of an instance: 48 MB, full windows of 6,000 readers. */
const MAX_VIDEOS = 3_000_000
/** Bounds how long a window can differ from the truth, whatever went wrong. */
const LARGEST_AGE_MS = 10 * 60 * 1_000
/** Making windows is what takes Redis longest; beyond this number readers wait for each other. */
const MADE_AT_A_TIME = 4
const LONGEST_WAIT_MS = 1_000
/** How often a page starts over because the reader follows somebody new, or Redis lost data. */
const MAX_ATTEMPTS = 10
/** Bounds the work for a page with many videos that cannot be shown. */
const MAX_VIDEOS_PER_PAGE = 5_000
/** So that a page with gaps is not filled up one by one. */
const MIN_AT_A_TIME = 32

/** What a page has so far. */
interface PagePart extends Pick<ReturnType<typeof readRecords>, 'counters'> {
  open: string[]
  lastId: number | null
}

/**
 * The timelines of those whom readers follow. An instance remembers a window of a reader's
 * timeline, so that a page costs the same whether they follow ten or twenty thousand; Redis, which
 * is asked for each page, says what has to be added to the window and what is shown.
 */
export class FollowingService {
  readonly #following: FollowingRepository
  readonly #windowVideos: number
  readonly #windows = new LRUCache<string, Window>({ maxSize: MAX_VIDEOS, ttl: LARGEST_AGE_MS })
  readonly #making = new Map<string, Promise<Window>>()
  readonly #queue = new BoundedQueue(MADE_AT_A_TIME)

  /** @param options.windowVideos smaller ones are for tests */
  constructor(following: FollowingRepository, options: { windowVideos?: number } = {}) {
    this.#following = following
    this.#windowVideos = options.windowVideos ?? WINDOW_VIDEOS
  }

  /**
   * Newest first. The position is a video's id, so changes elsewhere do not move it.
   *
   * @param request.beforeId from the newest where it is left out
   * @returns undefined while the timelines are not built
   * @throws ServiceError `unavailable`
   */
  async read(request: { userId: number; beforeId?: number | undefined; limit: number }): Promise<Page | undefined> {
    const { userId, limit } = request
    const page: PagePart = { open: [], counters: [], lastId: null }
    let beforeId = request.beforeId ?? Number.MAX_SAFE_INTEGER + 1
    let attempts = 0
    for (let looked = 0; looked < MAX_VIDEOS_PER_PAGE; ) {
      const window = await this.#windowAt(userId, beforeId)
      const wanted = limit - page.open.length
      const count = Math.max(MIN_AT_A_TIME, wanted + 1)
      const videos = window.below(beforeId, count)
      const answer = await this.#following.readPage({ userId, window, videos, limit: wanted })
      if (answer === undefined) return undefined
      if (answer.outcome === 'stale') {
        if (++attempts > MAX_ATTEMPTS) throw tooBusy()
        this.#forget(userId, window)
        continue
      }
      window.seen = answer.seen
      if (answer.outcome === 'arrived') {
        window.add(answer.videos)
        continue
      }
      window.remove(answer.gone)
      append(page, answer.records)
      if (answer.isFull) return toPage(page, page.lastId)
      if (videos.length === count) beforeId = (videos.at(-1) as WindowVideo).id
      else if (window.floor === 0) return toPage(page, null)
      else beforeId = window.floor
      looked += videos.length
    }
    return toPage(page, beforeId)
  }

  /** A window with the videos right before an id: of the newest, or further down. */
  async #windowAt(userId: number, beforeId: number): Promise<Window> {
    const top = this.#windows.get(topOf(userId)) ?? (await this.#make(userId, Number.MAX_SAFE_INTEGER + 1))
    if (top.reachesBelow(beforeId)) return top
    const deep = this.#windows.get(deepOf(userId))
    return deep?.reachesBelow(beforeId) ? deep : this.#make(userId, beforeId)
  }

  #forget(userId: number, window: Window): void {
    for (const key of [topOf(userId), deepOf(userId)]) if (this.#windows.peek(key) === window) this.#windows.delete(key)
  }

  /** All who need the same window at the same time share it. */
  #make(userId: number, ceiling: number): Promise<Window> {
    const key = `${userId} ${ceiling}`
    const wait = { maxMs: LONGEST_WAIT_MS, tooLong: tooBusy }
    const make = () => this.#queue.run(() => this.#build(userId, ceiling), wait)
    const made = this.#making.get(key) ?? make().finally(() => this.#making.delete(key))
    this.#making.set(key, made)
    return made
  }

  async #build(userId: number, ceiling: number): Promise<Window> {
    const state = await this.#following.stateOf(userId)
    const authorIds = await this.#following.followeesOf(userId)
    const size = Math.max(this.#windowVideos, Math.ceil(authorIds.length * VIDEOS_PER_FOLLOW))
    const read: ReadNewest = (query) => this.#following.newestOf(query)
    const videos = await newestOfMany(read, { authorIds, beforeId: ceiling, count: size })
    const floor = videos.length < size ? 0 : (videos.at(-1) as WindowVideo).id
    const window = new Window({ ...state, videos, ceiling, floor, size })
    const key = ceiling > Number.MAX_SAFE_INTEGER ? topOf(userId) : deepOf(userId)
    this.#windows.set(key, window, { size: Math.max(50, videos.length) })
    return window
  }
}

const topOf = (userId: number) => `${userId}`
const deepOf = (userId: number) => `${userId} deep`

function append(page: PagePart, records: Parameters<typeof readRecords>[0]): void {
  const { cards, counters } = readRecords(records)
  page.open.push(...cards.open)
  page.counters.push(...counters)
  if (cards.names.length > 0) page.lastId = Number(cards.names.at(-1))
}

function toPage({ open, counters }: PagePart, nextId: number | null): Page {
  return { cards: joinCards({ names: [], open }, counters), nextId }
}

function tooBusy(): ServiceError {
  return new ServiceError('unavailable', { detail: 'The timeline is being put together', retryAfterSeconds: 1 })
}
