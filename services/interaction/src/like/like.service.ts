import { type ContentKind, idTimeMs } from '@fanone/contracts'
import { idCursor, page } from '@fanone/service-kit'
import { type ContentService, notFound } from '../content/content.service.ts'
import type { LikeCall, LikeChanges } from './like.changes.ts'
import type { LikedQuery, LikeRepository } from './like.repository.ts'

const cursors = idCursor('likes')

/** Likes on all kinds of content. */
export class LikeService {
  readonly #likes: LikeRepository
  readonly #changes: LikeChanges
  readonly #contents: ContentService

  constructor(options: { likes: LikeRepository; changes: LikeChanges; contents: ContentService }) {
    this.#likes = options.likes
    this.#changes = options.changes
    this.#contents = options.contents
  }

  /** Undefined for content that no event has announced. */
  async likeMany(calls: LikeCall[]): Promise<({ changed: boolean } | undefined)[]> {
    const outcomes = await this.#changes.like(calls)
    return outcomes.map((outcome) => (outcome === 'unknown' ? undefined : { changed: outcome === 'changed' }))
  }

  /** @throws ServiceError `video_not_found`, `comment_not_found`, `not_found` */
  async like(call: LikeCall): Promise<{ changed: boolean }> {
    const [known] = await this.likeMany([call])
    if (known) return known
    await this.#contents.require(call.target)
    const [liked] = await this.likeMany([call])
    if (!liked) throw notFound(call.target.kind)
    return liked
  }

  /** Undefined for what was not liked, which may not be there. */
  async unlikeMany(calls: LikeCall[]): Promise<({ changed: boolean } | undefined)[]> {
    const outcomes = await this.#changes.unlike(calls)
    return outcomes.map((outcome) => (outcome === 'changed' ? { changed: true } : undefined))
  }

  /** @throws ServiceError `video_not_found`, `comment_not_found`, `not_found` */
  async unlike(call: LikeCall): Promise<{ changed: boolean }> {
    const [unliked] = await this.unlikeMany([call])
    if (unliked) return unliked
    await this.#contents.require(call.target)
    return { changed: false }
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
    viewerId?: number | undefined
  }) {
    const { cursor, limit, viewerId = 0, ...query } = input
    const beforeLikedId = cursor === undefined ? undefined : cursors.decode(cursor)
    const { items, nextCursor } = await page(
      limit,
      (most) => this.#likes.findByUser({ ...query, beforeLikedId, limit: most, viewerId }),
      ({ likedId }) => cursors.encode(likedId),
    )
    const toItem = ({ contentId, likedId, isLiked }: (typeof items)[number]) => ({
      contentId,
      likedAt: new Date(idTimeMs(likedId)).toISOString(),
      isLiked: isLiked === 1,
    })
    return { items: items.map(toItem), nextCursor }
  }

  async walk(input: { afterId: number; limit: number }) {
    return { items: await this.#likes.walk(input) }
  }
}
