import type { Comment, ContentRef, interactionContract } from '@fanone/contracts'
import type { Identity, ServiceClient } from '@fanone/service-kit'
import { allPages } from '../compat/all-pages.ts'

const READ_TIMEOUT_MS = 3_000
const WRITE_TIMEOUT_MS = 6_000

interface Paging {
  cursor?: string | undefined
  offset?: number
  limit: number
}

/** Comments and replies, as all APIs use them. */
export class CommentsService {
  readonly #interaction: ServiceClient<typeof interactionContract>

  constructor(interaction: ServiceClient<typeof interactionContract>) {
    this.#interaction = interaction
  }

  /**
   * Comments on content; on a comment it is a reply.
   *
   * @param idempotencyKey the client's, if it sent one
   * @throws ServiceError `video_not_found`, `comment_not_found`, `idempotency_key_reused`
   */
  create(identity: Identity, comment: { target: ContentRef; text: string }, idempotencyKey?: string): Promise<Comment> {
    const context = { identity, idempotencyKey, timeoutMs: WRITE_TIMEOUT_MS }
    return this.#interaction.comments.create(comment, { context })
  }

  /** @throws ServiceError `comment_not_found`, `forbidden` */
  async delete(identity: Identity, comment: { id: number; onlyOwn?: boolean }): Promise<void> {
    await this.#interaction.comments.delete(comment, { context: { identity, timeoutMs: WRITE_TIMEOUT_MS } })
  }

  /** Newest first, without replies. @throws ServiceError `video_not_found`, `malformed_cursor` */
  list(target: ContentRef, paging: Paging) {
    return this.#interaction.comments.list({ target, ...defined(paging) }, { context: { timeoutMs: READ_TIMEOUT_MS } })
  }

  /** Oldest first. @throws ServiceError `comment_not_found`, `malformed_cursor` */
  replies(commentId: number, paging: Paging) {
    const input = { commentId, ...defined(paging) }
    return this.#interaction.comments.replies(input, { context: { timeoutMs: READ_TIMEOUT_MS } })
  }

  /** Newest first, without replies, all of them up to 2,000. @throws ServiceError `video_not_found` */
  listAll(target: ContentRef): Promise<Comment[]> {
    return allPages((page) => this.list(target, page))
  }
}

/** A cursor that there is none of is left out. */
function defined({ cursor, ...paging }: Paging) {
  return cursor === undefined ? paging : { ...paging, cursor }
}
