import { type Comment, type ContentRef, JsonText } from '@fanone/contracts'
import {
  callMark,
  type Database,
  type EntityManager,
  hasMark,
  type Identity,
  idCursor,
  runOnce,
  type SensitiveWords,
  ServiceError,
} from '@fanone/service-kit'
import { holdContent } from '../content/content.repository.ts'
import { type ContentService, notFound } from '../content/content.service.ts'
import {
  type CommentQuery,
  type CommentRepository,
  type CommentRow,
  deleteComments,
  holdComment,
  insertComment,
  lockComment,
  toComment,
} from './comment.repository.ts'

const listCursors = idCursor('comments')
const replyCursors = idCursor('replies')

type Page = JsonText<{ items: Comment[]; nextCursor: string | null }>
interface Paging {
  cursor?: string | undefined
  offset: number
  limit: number
}

/** Comments on all kinds of content, with replies one level deep. */
export class CommentService {
  readonly #database: Database
  readonly #words: Pick<SensitiveWords, 'check'>
  readonly #comments: CommentRepository
  readonly #contents: ContentService
  readonly #onDeleted: () => void

  constructor(options: {
    database: Database
    words: Pick<SensitiveWords, 'check'>
    comments: CommentRepository
    contents: ContentService
    /** Called when a comment was deleted that others may belong to. */
    onDeleted: () => void
  }) {
    this.#database = options.database
    this.#words = options.words
    this.#comments = options.comments
    this.#contents = options.contents
    this.#onDeleted = options.onDeleted
  }

  /**
   * Writes a comment, or a reply if the target is a comment; once for each key of a user.
   *
   * @throws ServiceError `video_not_found`, `comment_not_found`, `not_found`, `sensitive_words`,
   *   `idempotency_key_reused`
   */
  async create(
    identity: Identity,
    input: { target: ContentRef; text: string },
    key: string | undefined,
  ): Promise<Comment> {
    if (input.target.kind !== 'comment') await this.#contents.require(input.target)
    return runOnce(this.#database, { operation: 'comments.create', identity, key, input }, async (em) => {
      const { text } = this.#words.check({ text: input.text })
      const place = await findPlace(em, input.target)
      const row = { ...place, user_id: identity.userId, text }
      return toComment(await insertComment(this.#database, em, row))
    })
  }

  /**
   * Deletes a comment. A repeat of the call that deleted it is answered like the first.
   *
   * @throws ServiceError `comment_not_found`, `forbidden`
   */
  async delete(
    identity: Identity,
    input: { id: number; onlyOwn: boolean },
    idempotencyKey?: string | undefined,
  ): Promise<void> {
    const mark = callMark('comments.delete', idempotencyKey)
    await this.#database.transaction(async (em) => {
      const comment = await lockComment(em, input.id)
      const isRepeat = comment !== undefined && hasMark(comment.deleted_by, mark)
      // Comments are public, so "forbidden" reveals nothing.
      if (!comment || (comment.deleted_at !== null && !isRepeat)) throw new ServiceError('comment_not_found')
      const isOwn = comment.user_id === identity.userId
      const isOnOwnContent = comment.author_id === identity.userId
      if (!isOwn && (input.onlyOwn || !isOnOwnContent)) throw new ServiceError('forbidden')
      if (!isRepeat) await deleteComments(this.#database, em, { rows: [comment], mark })
    })
    this.#onDeleted()
  }

  /**
   * @throws ServiceError `malformed_cursor`, `video_not_found`, `comment_not_found`, `not_found`
   */
  async list(input: Paging & { target: ContentRef }): Promise<Page> {
    const { target } = input
    const page = await this.#list({ target, parentId: 0, order: 'newestFirst' }, input, listCursors)
    // Existing comments prove the content; only an empty list needs a check.
    if (page.isEmpty) await this.#contents.require(target)
    return page.json
  }

  /** @throws ServiceError `malformed_cursor`, `comment_not_found` */
  async replies(input: Paging & { commentId: number }): Promise<Page> {
    const [comment] = await this.#comments.findMany([input.commentId])
    if (!comment) throw new ServiceError('comment_not_found')
    const target = { kind: comment.kind, id: comment.content_id }
    const page = await this.#list({ target, parentId: comment.id, order: 'oldestFirst' }, input, replyCursors)
    return page.json
  }

  /** In the order of the ids, each once, without invisible ones. */
  async getMany(input: { ids: number[] }): Promise<{ items: Comment[] }> {
    const ids = [...new Set(input.ids)]
    const rows = new Map((await this.#comments.findMany(ids)).map((row) => [row.id, row]))
    return { items: ids.flatMap((id) => rows.get(id) ?? []).map(toComment) }
  }

  async walk(input: { afterId: number; limit: number }) {
    const rows = await this.#comments.walk(input)
    return { items: rows.map((row) => ({ ...toComment(row), authorId: row.author_id })) }
  }

  async #list(
    query: Pick<CommentQuery, 'target' | 'parentId' | 'order'>,
    { cursor, offset, limit }: Paging,
    cursors: typeof listCursors,
  ): Promise<{ json: Page; isEmpty: boolean }> {
    const fromId = cursor === undefined ? undefined : cursors.decode(cursor)
    // One more than asked for tells whether there is a next page.
    const rows = await this.#comments.list({ ...query, fromId, offset, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const nextCursor = last && rows.length > page.length ? cursors.encode(last.id) : null
    return { json: new JsonText(JSON.stringify({ items: page.map(toComment), nextCursor })), isEmpty: !last }
  }
}

/**
 * The content and parent of a new comment. Both are locked until the transaction ends.
 *
 * @throws ServiceError `video_not_found`, `comment_not_found`, `not_found`
 */
async function findPlace(em: EntityManager, target: ContentRef): Promise<Omit<CommentRow, 'id' | 'user_id' | 'text'>> {
  if (target.kind !== 'comment') {
    const authorId = await holdContent(em, target)
    if (authorId === undefined) throw notFound(target.kind)
    return { kind: target.kind, content_id: target.id, author_id: authorId, parent_id: 0 }
  }
  const comment = await holdComment(em, target.id)
  const parent = comment && comment.parent_id !== 0 ? await holdComment(em, comment.parent_id) : comment
  if (!parent) throw notFound('comment')
  const { kind, content_id, author_id } = parent
  if ((await holdContent(em, { kind, id: content_id })) === undefined) throw notFound('comment')
  return { kind, content_id, author_id, parent_id: parent.id }
}
