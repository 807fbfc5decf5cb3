import { firstIdAt, type Video, type VideoSearch } from '@fanone/contracts'
import { foldText, idCursor, page } from '@fanone/service-kit'
import type { VideoCache } from '../video/video.cache.ts'
import type { SearchConditions } from './search.queries.ts'
import type { SearchRepository } from './search.repository.ts'

const cursors = idCursor('search')

/** Finds videos. */
export class SearchService {
  readonly #search: SearchRepository
  readonly #cache: VideoCache

  constructor(options: { search: SearchRepository; cache: VideoCache }) {
    this.#search = options.search
    this.#cache = options.cache
  }

  /** Newest first. @throws ServiceError `malformed_cursor` */
  async search(
    input: VideoSearch & { cursor?: string | undefined; limit: number },
  ): Promise<{ items: Video[]; nextCursor: string | null }> {
    const conditions = toConditions(input)
    if (input.cursor !== undefined) conditions.toId = Math.min(conditions.toId, cursors.decode(input.cursor) - 1)
    const { items, nextCursor } = await page(
      input.limit,
      (limit) => this.#search.find(conditions, { offset: 0, limit }),
      cursors.encode,
    )
    return { items: await this.#cache.read(items), nextCursor }
  }

  /** Newest first, with how many there are in all. */
  async page(input: VideoSearch & { offset: number; limit: number }): Promise<{ items: Video[]; total: number }> {
    const conditions = toConditions(input)
    const [ids, total] = await Promise.all([this.#search.find(conditions, input), this.#search.count(conditions)])
    return { items: await this.#cache.read(ids), total }
  }
}

/** A video's id holds the time it was created at, so instants are bounds of ids. */
function toConditions({ keyword, authorName, fromMs, toMs }: VideoSearch): SearchConditions {
  return {
    keyword: foldText(keyword),
    authorName: foldText(authorName),
    fromId: fromMs === undefined ? 0 : firstIdAt(fromMs),
    toId: toMs === undefined ? Number.MAX_SAFE_INTEGER : firstIdAt(toMs + 1) - 1,
  }
}
