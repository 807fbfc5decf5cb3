import { type ContentKind, type ContentRef, idTimeMs } from '@fanone/contracts'
import { callMark, type Identity, idCursor, page } from '@fanone/service-kit'
import { type ContentService, notFound } from '../content/content.service.ts'
import type { LikedQuery, LikeRepository } from './like.repository.ts'

const cursors = idCursor('likes')

/** Likes on all kinds of content. */
export class LikeService {
  readonly #likes: LikeRepository
  readonly #contents: ContentService

  constructor(options: { likes: LikeRepository; contents: ContentService }) {
    this.#likes = options.likes
    this.#contents = options.contents
  }

  /** @throws ServiceError `video_not_found`, `comment_not_found`, `not_found` */
  async like(identity: Identity, target: ContentRef, key?: string | undefined): Promise<{ changed: boolean }> {
    const call = { target, userId: identity.userId, mark: callMark('likes.like', key) }
    let outcome = await this.#likes.like(call)
    if (outcome === 'unknown') {
      await this.#contents.require(target)
      outcome = await this.#likes.like(call)
    }
    if (outcome === 'unknown') throw notFound(target.kind)
    return { changed: outcome === 'changed' }
  }

  /** @throws ServiceError `video_not_found`, `comment_not_found`, `not_found` */
  async unlike(identity: Identity, target: ContentRef, key?: string | undefined): Promise<{ changed: boolean }> {
    const call = { target, userId: identity.userId, mark: callMark('likes.unlike', key) }
    const changed = await this.#likes.unlike(call)
    if (!changed) await this.#contents.require(target)
    return { changed }
  }

  /** Which of some contents each of some users likes, in the order asked. */
  async flags(queries: LikedQuery[]): Promise<{ liked: number[] }[]> {
    const liked = await this.#likes.findLiked(queries.map((query) => ({ ...query, ids: [...new Set(query.ids)] })))
    return liked.map((ids) => ({ liked: ids }))
  }

  /** @throws ServiceError `malformed_cursor` */
  async listByUser(input: {
    userId: number
    kind: ContentKind
    cursor?: string | undefined
    offset: number
    limit: number
  }) {
    const { cursor, limit, ...query } = input
    const beforeLikedId = cursor === undefined ? undefined : cursors.decode(cursor)
    const { items, nextCursor } = await page(
      limit,
      (most) => this.#likes.findByUser({ ...query, beforeLikedId, limit: most }),
      ({ likedId }) => cursors.encode(likedId),
    )
    const toItem = ({ contentId, likedId }: (typeof items)[number]) => ({
      contentId,
      likedAt: new Date(idTimeMs(likedId)).toISOString(),
    })
    return { items: items.map(toItem), nextCursor }
  }

  async walk(input: { afterId: number; limit: number }) {
    return { items: await this.#likes.walk(input) }
  }
}
