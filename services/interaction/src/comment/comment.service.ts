import { type Comment, type CommentPage, type ContentRef, JsonText, type Profile } from '@fanone/contracts'
import {
  callMark,
  type Database,
  type EntityManager,
  hasMark,
  type Identity,
  idCursor,
  type KeyedCall,
  type KnownUsers,
  page,
  runManyOnce,
  runOnce,
  type SensitiveWords,
  ServiceError,
} from '@fanone/service-kit'
import { holdContent, holdContents } from '../content/content.repository.ts'
import { type ContentService, notFound } from '../content/content.service.ts'
import {
  type CommentQuery,
  type CommentRepository,
  deleteComments,
  holdComment,
  insertComments,
  type ListedRow,
  lockComment,
  toComment,
  toListed,
  type VisibleComment,
} from './comment.repository.ts'

const listCursors = idCursor('comments')
const replyCursors = idCursor('replies')

/** In one answer: of at most 3 bytes each, so that a sidecar, which takes 4 MB, passes it on. */
const MAX_CHARACTERS = 1_000_000
/** What a comment and its author take besides their texts. */
const CHARACTERS_BESIDE = 400

interface Paging {
  cursor?: string | undefined
  offset: number
  limit: number
  viewerId?: number | undefined
}

/** A comment, or a reply if the target is a comment, once for each key of a user. */
export interface CommentCall extends KeyedCall {
  operation: 'comments.create'
  identity: Identity
  input: { target: ContentRef; text: string }
  /** Tells of the event in the trace of the call. */
  within: <Result>(work: () => Result) => Result
}

/** Comments on all kinds of content, with replies one level deep. */
export class CommentService {
  readonly #database: Database
  readonly #words: Pick<SensitiveWords, 'check'>
  readonly #comments: CommentRepository
  readonly #contents: ContentService
  readonly #users: Pick<KnownUsers, 'of'>
  readonly #onDeleted: () => void

  constructor(options: {
    database: Database
    words: Pick<SensitiveWords, 'check'>
    comments: CommentRepository
    contents: ContentService
    users: Pick<KnownUsers, 'of'>
    /** Called when a comment was deleted that others may belong to. */
    onDeleted: () => void
  }) {
    this.#database = options.database
    this.#words = options.words
    this.#comments = options.comments
    this.#contents = options.contents
    this.#users = options.users
    this.#onDeleted = options.onDeleted
  }

  /** Undefined for replies, repeats, and what may have to be refused. */
  async createMany(calls: CommentCall[]): Promise<(Comment | undefined)[]> {
    const texts = new Map(calls.map((call) => [call, this.#textOf(call)]))
    const ordinary = calls.filter((call) => call.input.target.kind !== 'comment' && texts.get(call) !== undefined)
    const answers = await runManyOnce(this.#database, ordinary, async (em, fresh) => {
      const authors = await holdContents(
        em,
        fresh.map(({ input }) => input.target),
      )
      const written = fresh.filter(({ input }) => authors(input.target) !== undefined)
      const rows = await insertComments(
        this.#database,
        em,
        written.map((call) => {
          const { kind, id: contentId } = call.input.target
          const authorId = authors(call.input.target) as number
          const { within, identity } = call
          return {
            ...{ kind, contentId, authorId, parentId: 0, within },
            userId: identity.userId,
            text: texts.get(call) as string,
          }
        }),
      )
      const rowOf = new Map(written.map((call, index) => [call, rows[index] as VisibleComment]))
      return fresh.map((call) => {
        const row = rowOf.get(call)
        return row && toComment(row)
      })
    })
    const answerOf = new Map(ordinary.map((call, index) => [call, answers[index]]))
    return calls.map((call) => answerOf.get(call))
  }

  /** Undefined for a text that is refused. */
  #textOf({ input }: CommentCall): string | undefined {
    try {
      return this.#words.check({ text: input.text }).text
    } catch {
      return undefined
    }
  }

  /**
   * Writes a comment, or a reply if the target is a comment; once for each key of a user.
   *
   * @throws ServiceError `video_not_found`, `comment_not_found`, `not_found`, `sensitive_words`,
   *   `idempotency_key_reused`
   */
  async create(call: CommentCall): Promise<Comment> {
    const { input, identity, within } = call
    await this.#contents.require(input.target)
    return runOnce(this.#database, call, async (em) => {
      const { text } = this.#words.check({ text: input.text })
      const place = await findPlace(em, input.target)
      const comment = { ...place, userId: identity.userId, text, within }
      const [row] = await insertComments(this.#database, em, [comment])
      return toComment(row as VisibleComment)
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
      const isRepeat = comment !== null && hasMark(comment.deletedBy, mark)
      // Comments are public, so "forbidden" reveals nothing.
      if (!comment || (comment.deletedAt !== null && !isRepeat)) throw new ServiceError('comment_not_found')
      const isOwn = comment.userId === identity.userId
      const isOnOwnContent = comment.authorId === identity.userId
      if (!isOwn && (input.onlyOwn || !isOnOwnContent)) throw new ServiceError('forbidden')
      if (!isRepeat) await deleteComments(this.#database, em, { rows: [comment], mark })
    })
    this.#onDeleted()
  }

  /** Deletes a comment whoever wrote it. One that is deleted or unknown is left as it is. */
  async remove(id: number): Promise<void> {
    await this.#database.transaction(async (em) => {
      const comment = await lockComment(em, id)
      if (comment?.deletedAt === null) await deleteComments(this.#database, em, { rows: [comment] })
    })
    this.#onDeleted()
  }

  /** Those that are not deleted, in no particular order. */
  async getMany(ids: number[]): Promise<Comment[]> {
    return (await this.#comments.findMany(ids)).map(toComment)
  }

  /**
   * @throws ServiceError `malformed_cursor`, `video_not_found`, `comment_not_found`, `not_found`
   */
  async list(input: Paging & { target: ContentRef }): Promise<JsonText<CommentPage>> {
    const { target } = input
    const { json, isEmpty } = await this.#list({ target, parentId: 0, order: 'newestFirst' }, input, listCursors)
    // Existing comments prove the content; only an empty list needs a check.
    if (isEmpty) await this.#contents.require(target)
    return json
  }

  /** @throws ServiceError `malformed_cursor`, `comment_not_found` */
  async replies(input: Paging & { commentId: number }): Promise<JsonText<CommentPage>> {
    const comment = await this.#comments.find(input.commentId)
    if (!comment) throw new ServiceError('comment_not_found')
    const target = { kind: comment.kind, id: comment.contentId }
    const { json } = await this.#list({ target, parentId: comment.id, order: 'oldestFirst' }, input, replyCursors)
    return json
  }

  async walk(input: { afterId: number; limit: number }) {
    const rows = await this.#comments.walk(input)
    return { items: rows.map((row) => ({ ...toComment(row), authorId: row.authorId })) }
  }

  async #list(
    query: Pick<CommentQuery, 'target' | 'parentId' | 'order'>,
    { cursor, offset, limit, viewerId = 0 }: Paging,
    cursors: typeof listCursors,
  ): Promise<{ json: JsonText<CommentPage>; isEmpty: boolean }> {
    const fromId = cursor === undefined ? undefined : cursors.decode(cursor)
    const rows = await this.#comments.list({ ...query, fromId, offset, limit: limit + 1, viewerId })
    const { items, nextCursor } = await page(
      Math.min(limit, countFitting(rows)),
      async () => rows,
      ({ id }) => cursors.encode(id),
    )
    const authors: Profile[] = await this.#users.of(items)
    const json = new JsonText<CommentPage>(JSON.stringify({ items: items.map(toListed), authors, nextCursor }))
    return { json, isEmpty: items.length === 0 }
  }
}

/** How many of the first rows fit into one answer; at least one. */
function countFitting(rows: ListedRow[]): number {
  let characters = 0
  const tooMany = rows.findIndex(({ text, signature }) => {
    characters += text.length + (signature?.length ?? 0) + CHARACTERS_BESIDE
    return characters > MAX_CHARACTERS
  })
  return tooMany === -1 ? rows.length : Math.max(1, tooMany)
}

/**
 * The content and parent of a new comment. Both are locked until the transaction ends.
 *
 * @throws ServiceError `video_not_found`, `comment_not_found`, `not_found`
 */
async function findPlace(
  em: EntityManager,
  target: ContentRef,
): Promise<Omit<VisibleComment, 'id' | 'userId' | 'text'>> {
  if (target.kind !== 'comment') {
    const authorId = await holdContent(em, target)
    if (authorId === undefined) throw notFound(target.kind)
    return { kind: target.kind, contentId: target.id, authorId, parentId: 0 }
  }
  const comment = await holdComment(em, target.id)
  const parent = comment && comment.parentId !== 0 ? await holdComment(em, comment.parentId) : comment
  if (!parent) throw notFound('comment')
  const { kind, contentId, authorId } = parent
  if ((await holdContent(em, { kind, id: contentId })) === undefined) throw notFound('comment')
  return { kind, contentId, authorId, parentId: parent.id }
}
