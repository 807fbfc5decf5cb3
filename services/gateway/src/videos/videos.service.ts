import { MAX_BATCH, type Video, type VideoEdit, type VideoSearch, type videoContract } from '@fanone/contracts'
import { chunksOf, type Identity, type ServiceClient, ServiceError } from '@fanone/service-kit'
import type { z } from 'zod'
import { allPages } from '../compat/all-pages.ts'

const READ_TIMEOUT_MS = 3_000
const WRITE_TIMEOUT_MS = 6_000

/** The catalogue, as all APIs use it. */
export class VideosService {
  readonly #video: ServiceClient<typeof videoContract>

  constructor(video: ServiceClient<typeof videoContract>) {
    this.#video = video
  }

  /** @throws ServiceError `video_not_found` */
  async getOne(id: number): Promise<Video> {
    const { items } = await this.#video.videos.getMany({ ids: [id] }, { context: { timeoutMs: READ_TIMEOUT_MS } })
    if (!items[0]) throw new ServiceError('video_not_found')
    return items[0]
  }

  /** In the order of the ids, however many; what is not public is left out. */
  async getEach(ids: number[]): Promise<Video[]> {
    const batches = chunksOf(ids, MAX_BATCH).map((batch) =>
      this.#video.videos.getMany({ ids: batch }, { context: { timeoutMs: READ_TIMEOUT_MS } }),
    )
    return (await Promise.all(batches)).flatMap(({ items }) => items)
  }

  /** Newest first. @throws ServiceError `malformed_cursor` */
  listByAuthor(page: { authorId: number; cursor?: string | undefined; limit: number }) {
    const { cursor, ...rest } = page
    return this.#video.videos.listByAuthor(
      { ...rest, ...(cursor === undefined ? {} : { cursor }) },
      { context: { timeoutMs: READ_TIMEOUT_MS } },
    )
  }

  /** Newest first, all of them up to 2,000. */
  listAllByAuthor(authorId: number): Promise<Video[]> {
    return allPages((page) => this.listByAuthor({ authorId, ...page }))
  }

  pageByAuthor(page: { authorId: number; offset: number; limit: number }) {
    return this.#video.videos.pageByAuthor(page, { context: { timeoutMs: READ_TIMEOUT_MS } })
  }

  /** Newest first. @throws ServiceError `malformed_cursor` */
  search(search: VideoSearch & { cursor?: string | undefined; limit: number }) {
    return this.#video.videos.search(search, { context: { timeoutMs: READ_TIMEOUT_MS } })
  }

  /** Newest first, with the full count. */
  searchPage(search: VideoSearch & { offset: number; limit: number }) {
    return this.#video.videos.searchPage(search, { context: { timeoutMs: READ_TIMEOUT_MS } })
  }

  /** @throws ServiceError `video_not_found`, `forbidden`, `edit_conflict` */
  edit(identity: Identity, edit: z.infer<typeof VideoEdit> & { id: number }): Promise<Video> {
    return this.#video.videos.edit(edit, { context: { identity, timeoutMs: WRITE_TIMEOUT_MS } })
  }

  /** @throws ServiceError `video_not_found`, `forbidden`, `edit_conflict` */
  async delete(identity: Identity, id: number): Promise<void> {
    await this.#video.videos.delete({ id }, { context: { identity, timeoutMs: WRITE_TIMEOUT_MS } })
  }
}
