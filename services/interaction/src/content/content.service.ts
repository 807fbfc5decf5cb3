import { type ContentKind, type ContentRef, contentKinds } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import type { ContentRepository } from './content.repository.ts'

/** `videos.getMany` of the video service. */
export type GetVideos = (input: { ids: number[] }) => Promise<{ items: { id: number; authorId: number }[] }>

export const notFound = (kind: ContentKind) => new ServiceError(contentKinds[kind].notFound)

/** Tells what is there. */
export class ContentService {
  readonly #contents: ContentRepository
  readonly #getVideos: GetVideos

  constructor(options: { contents: ContentRepository; getVideos: GetVideos }) {
    this.#contents = options.contents
    this.#getVideos = options.getVideos
  }

  /**
   * Makes sure that content is known. Asks the owner if no event has brought it, because a user may
   * be faster than an event.
   *
   * @throws ServiceError `video_not_found`, `comment_not_found`, `not_found`, also for what is
   *   deleted or of a hidden user; `unavailable`, `timeout`
   */
  async require(target: ContentRef): Promise<void> {
    const known = await this.#contents.find(target)
    if (known?.isGone) throw notFound(target.kind)
    if (known) return
    const [video] = target.kind === 'video' ? (await this.#getVideos({ ids: [target.id] })).items : []
    if (!video) throw notFound(target.kind)
    await this.#contents.learn({ kind: target.kind, id: video.id, authorId: video.authorId })
  }
}
