import { type ContentKind, type ContentRef, contentLiked, contentUnliked } from '@fanone/contracts'
import {
  addToOutbox,
  columnsOf,
  type Database,
  type Db,
  type EntityManager,
  hasMark,
  kysely,
  type Param,
  prepare,
  prepareForEach,
  withMark,
} from '@fanone/service-kit'
import { holdContent } from '../content/content.repository.ts'
import { LikeEntity, type LikeRow } from './like.entity.ts'

/** Who likes what of whom. */
export interface Like {
  kind: ContentKind
  contentId: number
  authorId: number
  userId: number
}

/** A like or its end, by a user; `mark` names the call. */
export interface LikeCall {
  target: ContentRef
  userId: number
  mark: Buffer
}

/** Content that a user may like. */
export interface LikedQuery {
  userId: number
  kind: ContentKind
  ids: number[]
}

/**
 * `unknown` where the content is not there, as far as this service knows; `changed` also for the
 * repeat of a call that changed the like, however it was changed since.
 */
export type LikeOutcome = 'changed' | 'unchanged' | 'unknown'

/** Which part of a user's likes is read. */
interface ListQuery {
  userId: number
  kind: ContentKind
  beforeLikedId: number
  offset: number
  limit: number
}

/** Likes, one row for each user and content. */
export class LikeRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Likes with its event, or changes nothing. */
  async like(call: LikeCall): Promise<LikeOutcome> {
    const { target, userId, mark } = call
    const outcome = await this.#database.transaction(async (em) => {
      const authorId = await holdContent(em, target)
      if (authorId === undefined) return 'unknown'
      const like = { kind: target.kind, contentId: target.id, authorId, userId }
      if (!(await this.#insert(em, like, mark))) return 'liked before'
      emitLiked(this.#database, em, like)
      return 'changed'
    })
    return outcome === 'liked before' ? this.#revive(call) : outcome
  }

  /** Ends a like with its event, or changes nothing. */
  async unlike(call: LikeCall): Promise<boolean> {
    const row = await this.#find(call)
    if (row && hasMark(row.changedBy, call.mark)) return true
    if (!row || row.likedId === null) return false
    const isUnliked = await this.#database.transaction(async (em) => {
      if (!(await change(em, { row, likedId: null, mark: call.mark }))) return false
      emitUnliked(this.#database, em, toLike(row))
      return true
    })
    return isUnliked || this.unlike(call)
  }

  /** Those of the contents that each of these users likes, in the order asked. */
  async findLiked(queries: LikedQuery[]): Promise<number[][]> {
    const liked: number[][] = queries.map(() => [])
    if (queries.length === 0) return liked
    const { rows } = await findLikedBy(this.#database.em(), queries)
    for (const { asked, contentId } of rows) liked[asked]?.push(contentId)
    return liked
  }

  /** What a user likes, the last liked first. */
  async findByUser(query: {
    userId: number
    kind: ContentKind
    beforeLikedId: number | undefined
    offset: number
    limit: number
  }): Promise<{ contentId: number; likedId: number }[]> {
    const { beforeLikedId = Number.MAX_SAFE_INTEGER } = query
    return (await listByUser(this.#database.em(), { ...query, beforeLikedId })).rows
  }

  /** Likes above `afterId` in the order of the rows' ids, which stay. */
  async walk(query: { afterId: number; limit: number }): Promise<(Like & { id: number })[]> {
    const rows = await kysely<typeof LikeEntity>(this.#database.em())
      .selectFrom('content_like')
      .select(columns)
      .where('id', '>', query.afterId)
      .where('liked_id', 'is not', null)
      .orderBy('id')
      .limit(query.limit)
      .execute()
    return rows.map((row) => ({ id: row.id, ...toLike(row) }))
  }

  /** @returns whether there was no row yet */
  async #insert(em: EntityManager, like: Like, mark: Buffer): Promise<boolean> {
    const { numAffectedRows } = await insertLike(em, { ...like, id: this.#database.newId(), mark })
    return numAffectedRows === 1n
  }

  /**
   * In a separate transaction: the insert that found a row holds a lock that two of them could not
   * both upgrade.
   */
  async #revive(call: LikeCall): Promise<LikeOutcome> {
    const row = await this.#find(call)
    // Ended with its content meanwhile.
    if (!row) return 'unknown'
    if (hasMark(row.changedBy, call.mark)) return 'changed'
    if (row.likedId !== null) return 'unchanged'
    const outcome = await this.#database.transaction(async (em) => {
      if ((await holdContent(em, call.target)) === undefined) return 'unknown'
      if (!(await change(em, { row, likedId: this.#database.newId(), mark: call.mark }))) return 'outrun'
      emitLiked(this.#database, em, toLike(row))
      return 'changed'
    })
    return outcome === 'outrun' ? this.#revive(call) : outcome
  }

  async #find({ target: { kind, id }, userId }: LikeCall): Promise<LikeRow | undefined> {
    return kysely<typeof LikeEntity>(this.#database.em())
      .selectFrom('content_like')
      .select(columns)
      .where('kind', '=', kind)
      .where('content_id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst()
  }
}

/**
 * Deletes some likes of deleted content, with an event each. Rows go, because deleted content
 * cannot be liked again.
 *
 * @returns the number of rows
 */
export async function deleteLikesOf(
  database: Database,
  em: EntityManager,
  { kind, ids, limit }: { kind: ContentKind; ids: number[]; limit: number },
): Promise<number> {
  const likes = kysely<typeof LikeEntity>(em)
  const rows = await likes
    .selectFrom('content_like')
    .select(columns)
    .where('kind', '=', kind)
    .where('content_id', 'in', ids)
    .limit(limit)
    .forUpdate()
    .execute()
  if (rows.length === 0) return 0
  const rowIds = rows.map(({ id }) => id)
  await likes.deleteFrom('content_like').where('id', 'in', rowIds).execute()
  for (const row of rows) if (row.likedId !== null) emitUnliked(database, em, toLike(row))
  return rows.length
}

function emitLiked(database: Database, em: EntityManager, like: Like): void {
  addToOutbox(database, em, contentLiked, { ...like, at: new Date().toISOString() })
}

function emitUnliked(database: Database, em: EntityManager, like: Like): void {
  addToOutbox(database, em, contentUnliked, { ...like, at: new Date().toISOString() })
}

const toLike = ({ kind, contentId, authorId, userId }: LikeRow): Like => ({ kind, contentId, authorId, userId })

/**
 * Changes a like that was read.
 *
 * @returns false where another call, maybe a repeat of this one, has changed it since
 */
async function change(
  em: EntityManager,
  { row, likedId, mark }: { row: LikeRow; likedId: number | null; mark: Buffer },
): Promise<boolean> {
  const { numUpdatedRows } = await kysely<typeof LikeEntity>(em)
    .updateTable('content_like')
    .set({ liked_id: likedId, changed_by: withMark(row.changedBy, mark) })
    .where('id', '=', row.id)
    .where('changed_by', '=', row.changedBy)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

const columns = columnsOf(LikeEntity)

const insertLike = prepare((db: Db<typeof LikeEntity>, param: Param<Like & { id: number; mark: Buffer }>) => {
  const id = param((like) => like.id)
  return db
    .insertInto('content_like')
    .ignore()
    .values({
      id,
      kind: param(({ kind }) => kind),
      content_id: param(({ contentId }) => contentId),
      author_id: param(({ authorId }) => authorId),
      user_id: param(({ userId }) => userId),
      liked_id: id,
      changed_by: param(({ mark }) => mark),
    })
})

/** One lookup of keys for each user: for pairs in one condition MariaDB goes through the table. */
const findLikedBy = prepareForEach((db: Db<typeof LikeEntity>, query: Param<LikedQuery>, index) => {
  const [kind, ids, userId] = [query((one) => one.kind), query((one) => one.ids), query((one) => one.userId)]
  return db
    .selectFrom('content_like')
    .select(({ lit }) => [lit(index).as('asked'), 'content_id as contentId'])
    .where('kind', '=', kind)
    .where('content_id', 'in', ids)
    .where('user_id', '=', userId)
    .where('liked_id', 'is not', null)
})

const listByUser = prepare((db: Db<typeof LikeEntity>, param: Param<ListQuery>) => {
  const [userId, kind] = [param((list) => list.userId), param((list) => list.kind)]
  return db
    .selectFrom('content_like')
    .select('content_id as contentId')
    .select(({ ref }) => ref('liked_id').$notNull().as('likedId'))
    .where('user_id', '=', userId)
    .where('kind', '=', kind)
    .where(
      'liked_id',
      '<',
      param(({ beforeLikedId }) => beforeLikedId),
    )
    .orderBy('liked_id', 'desc')
    .limit(param(({ limit }) => limit))
    .offset(param(({ offset }) => offset))
})
