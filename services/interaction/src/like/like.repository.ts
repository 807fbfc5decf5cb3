import { type ContentKind, type ContentRef, contentLiked, contentUnliked } from '@fanone/contracts'
import { addToOutbox, type Database, type EntityManager, hasMark, withMark } from '@fanone/service-kit'
import { holdContent } from '../content/content.repository.ts'

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

/** A row, kept from the first like on; `liked_id` is null while not liked. */
interface LikeRow {
  id: number
  kind: ContentKind
  content_id: number
  author_id: number
  user_id: number
  liked_id: number | null
  /** The calls that changed it. */
  changed_by: Buffer
}

/**
 * Likes, one row for each user and content. `liked_id` is a new id with every like, so it tells
 * when, and lists are ordered by it. Plain statements, because what they changed decides, and
 * because lists and flags are hot.
 */
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
    if (row && hasMark(row.changed_by, call.mark)) return true
    if (!row || row.liked_id === null) return false
    const isUnliked = await this.#database.transaction(async (em) => {
      if (!(await change(em, { row, likedId: null, mark: call.mark }))) return false
      emitUnliked(this.#database, em, toLike(row))
      return true
    })
    return isUnliked || this.unlike(call)
  }

  /** Those of the contents that each of these users likes, in the order asked. */
  async findLiked(queries: LikedQuery[]): Promise<number[][]> {
    // One lookup of keys for each user: for pairs in one condition MariaDB goes through the table.
    const lookups = queries.map(
      ({ ids, userId }, index) =>
        `select ${index} as asked, content_id from content_like
          where kind = ? and content_id in (${ids.join()}) and user_id = ${userId} and liked_id is not null`,
    )
    const rows = await this.#database.em().execute<{ asked: number; content_id: number }[]>(
      lookups.join(' union all '),
      queries.map(({ kind }) => kind),
    )
    const liked: number[][] = queries.map(() => [])
    for (const row of rows) liked[row.asked]?.push(row.content_id)
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
    const { userId, kind, beforeLikedId = Number.MAX_SAFE_INTEGER, offset, limit } = query
    const rows = await this.#database.em().execute<{ content_id: number; liked_id: number }[]>(
      `select content_id, liked_id from content_like where user_id = ? and kind = ? and liked_id < ?
        order by liked_id desc limit ? offset ?`,
      [userId, kind, beforeLikedId, limit, offset],
    )
    return rows.map((row) => ({ contentId: row.content_id, likedId: row.liked_id }))
  }

  /** Likes above `afterId` in the order of the rows' ids, which stay. */
  async walk(query: { afterId: number; limit: number }): Promise<(Like & { id: number })[]> {
    const rows = await this.#database
      .em()
      .execute<LikeRow[]>('select * from content_like where id > ? and liked_id is not null order by id limit ?', [
        query.afterId,
        query.limit,
      ])
    return rows.map((row) => ({ id: row.id, ...toLike(row) }))
  }

  /** @returns whether there was no row yet */
  async #insert(em: EntityManager, like: Like, mark: Buffer): Promise<boolean> {
    const id = this.#database.newId()
    const { kind, contentId, authorId, userId } = like
    const inserted = await affectedRows(
      em,
      `insert ignore into content_like (id, kind, content_id, author_id, user_id, liked_id, changed_by)
        values (?, ?, ?, ?, ?, ?, ?)`,
      [id, kind, contentId, authorId, userId, id, mark],
    )
    return inserted === 1
  }

  /**
   * In a separate transaction: the insert that found a row holds a lock that two of them could not
   * both upgrade.
   */
  async #revive(call: LikeCall): Promise<LikeOutcome> {
    const row = await this.#find(call)
    // Ended with its content meanwhile.
    if (!row) return 'unknown'
    if (hasMark(row.changed_by, call.mark)) return 'changed'
    if (row.liked_id !== null) return 'unchanged'
    const outcome = await this.#database.transaction(async (em) => {
      if ((await holdContent(em, call.target)) === undefined) return 'unknown'
      if (!(await change(em, { row, likedId: this.#database.newId(), mark: call.mark }))) return 'outrun'
      emitLiked(this.#database, em, toLike(row))
      return 'changed'
    })
    return outcome === 'outrun' ? this.#revive(call) : outcome
  }

  async #find({ target: { kind, id }, userId }: LikeCall): Promise<LikeRow | undefined> {
    const [row] = await this.#database
      .em()
      .execute<LikeRow[]>('select * from content_like where kind = ? and content_id = ? and user_id = ?', [
        kind,
        id,
        userId,
      ])
    return row
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
  const rows = await em.execute<LikeRow[]>(
    'select * from content_like where kind = ? and content_id in (?) limit ? for update',
    [kind, ids, limit],
  )
  if (rows.length === 0) return 0
  await em.execute('delete from content_like where id in (?)', [rows.map((row) => row.id)], 'run')
  for (const row of rows) if (row.liked_id !== null) emitUnliked(database, em, toLike(row))
  return rows.length
}

function emitLiked(database: Database, em: EntityManager, like: Like): void {
  addToOutbox(database, em, contentLiked, {
    aggregateId: like.contentId,
    data: { ...like, at: new Date().toISOString() },
  })
}

function emitUnliked(database: Database, em: EntityManager, like: Like): void {
  addToOutbox(database, em, contentUnliked, {
    aggregateId: like.contentId,
    data: { ...like, at: new Date().toISOString() },
  })
}

function toLike(row: LikeRow): Like {
  return { kind: row.kind, contentId: row.content_id, authorId: row.author_id, userId: row.user_id }
}

/**
 * Changes a like that was read.
 *
 * @returns false where another call, maybe a repeat of this one, has changed it since
 */
async function change(
  em: EntityManager,
  { row, likedId, mark }: { row: LikeRow; likedId: number | null; mark: Buffer },
): Promise<boolean> {
  const sql = 'update content_like set liked_id = ?, changed_by = ? where id = ? and changed_by = ?'
  const values = [likedId, withMark(row.changed_by, mark), row.id, row.changed_by]
  return (await affectedRows(em, sql, values)) === 1
}

/** How many rows a statement wrote (or, by an update, met). */
async function affectedRows(em: EntityManager, sql: string, values: unknown[]): Promise<number> {
  const result = await em.execute<{ affectedRows: number }>(sql, values as never, 'run')
  return result.affectedRows
}
