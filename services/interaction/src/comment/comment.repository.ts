import {
  type Comment,
  type ContentKind,
  type ContentRef,
  commentCreated,
  commentDeleted,
  idTimeMs,
} from '@fanone/contracts'
import { addToOutbox, type Database, type EntityManager } from '@fanone/service-kit'
import { addToEnded } from '../content/content.repository.ts'

/**
 * A row; `parent_id` is 0 for a comment on the content itself, `author_id` is the author of the
 * content.
 */
export interface CommentRow {
  id: number
  kind: ContentKind
  content_id: number
  author_id: number
  parent_id: number
  user_id: number
  text: string
}

const COLUMNS = 'id, kind, content_id, author_id, parent_id, user_id, text'

/** What a list of comments is asked for: those of one content below one parent. */
export interface CommentQuery {
  target: ContentRef
  /** 0 for comments on the content itself. */
  parentId: number
  order: 'newestFirst' | 'oldestFirst'
  /** Where the list goes on. */
  fromId: number | undefined
  offset: number
  limit: number
}

/** Comments. Plain statements, because lists of comments are hot. */
export class CommentRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Those of the ids that are visible, in no particular order. */
  async findMany(ids: number[]): Promise<CommentRow[]> {
    return this.#database
      .em()
      .execute<CommentRow[]>(`select ${COLUMNS} from comment where id in (?) and deleted_at is null`, [ids])
  }

  async list(query: CommentQuery): Promise<CommentRow[]> {
    const { target, parentId, order, offset, limit } = query
    const [operator, direction] = order === 'newestFirst' ? ['<', 'desc'] : ['>', 'asc']
    const fromId = query.fromId ?? (order === 'newestFirst' ? Number.MAX_SAFE_INTEGER : 0)
    return this.#database.em().execute<CommentRow[]>(
      `select ${COLUMNS} from comment where kind = ? and content_id = ? and deleted_at is null and parent_id = ?
        and id ${operator} ? order by id ${direction} limit ? offset ?`,
      [target.kind, target.id, parentId, fromId, limit, offset],
    )
  }

  /** Visible comments above `afterId` in id order. */
  async walk(query: { afterId: number; limit: number }): Promise<CommentRow[]> {
    return this.#database
      .em()
      .execute<CommentRow[]>(`select ${COLUMNS} from comment where id > ? and deleted_at is null order by id limit ?`, [
        query.afterId,
        query.limit,
      ])
  }
}

/** Loads a visible comment and locks it against deletion. */
export async function holdComment(em: EntityManager, id: number): Promise<CommentRow | undefined> {
  const [row] = await em.execute<CommentRow[]>(
    `select ${COLUMNS} from comment where id = ? and deleted_at is null lock in share mode`,
    [id],
  )
  return row
}

/** Loads a comment, deleted or not, and locks it against any change. */
export async function lockComment(
  em: EntityManager,
  id: number,
): Promise<(CommentRow & { deleted_at: string | null; deleted_by: Buffer }) | undefined> {
  const [row] = await em.execute<(CommentRow & { deleted_at: string | null; deleted_by: Buffer })[]>(
    `select ${COLUMNS}, deleted_at, deleted_by from comment where id = ? for update`,
    [id],
  )
  return row
}

/** Adds a comment with its event. */
export async function insertComment(
  database: Database,
  em: EntityManager,
  comment: Omit<CommentRow, 'id'>,
): Promise<CommentRow> {
  const row = { id: database.newId(), ...comment }
  await em.execute(
    `insert into comment (${COLUMNS}) values (?, ?, ?, ?, ?, ?, ?)`,
    [row.id, row.kind, row.content_id, row.author_id, row.parent_id, row.user_id, row.text],
    'run',
  )
  addToOutbox(database, em, commentCreated, { aggregateId: row.content_id, data: toFacts(row) })
  return row
}

/**
 * Deletes locked comments with an event each; their likes and replies are cascaded in the
 * background.
 *
 * @param mark names the call that deletes them; none for a cascade
 */
export async function deleteComments(
  database: Database,
  em: EntityManager,
  { rows, mark = Buffer.alloc(0) }: { rows: CommentRow[]; mark?: Buffer },
): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.map((row) => row.id)
  await em.execute('update comment set deleted_at = ?, deleted_by = ? where id in (?)', [new Date(), mark, ids], 'run')
  await addToEnded(em, { kind: 'comment', ids })
  for (const row of rows) addToOutbox(database, em, commentDeleted, { aggregateId: row.content_id, data: toFacts(row) })
}

/**
 * Deletes some comments of content that is gone, and replies to comments that are gone.
 *
 * @returns how many
 */
export async function deleteCommentsOf(
  database: Database,
  em: EntityManager,
  { kind, ids, limit }: { kind: ContentKind; ids: number[]; limit: number },
): Promise<number> {
  const rows = await em.execute<CommentRow[]>(
    kind === 'comment'
      ? `select ${COLUMNS.replaceAll(/\w+/g, 'reply.$&')} from comment as parent join comment as reply
          on reply.kind = parent.kind and reply.content_id = parent.content_id and reply.deleted_at is null
          and reply.parent_id = parent.id where parent.id in (?) limit ? for update`
      : `select ${COLUMNS} from comment where kind = ? and content_id in (?) and deleted_at is null limit ? for update`,
    kind === 'comment' ? [ids, limit] : [kind, ids, limit],
  )
  await deleteComments(database, em, { rows })
  return rows.length
}

/** The row as callers see it. */
export function toComment(row: CommentRow): Comment {
  return {
    id: row.id,
    kind: row.kind,
    contentId: row.content_id,
    parentId: row.parent_id === 0 ? null : row.parent_id,
    userId: row.user_id,
    text: row.text,
    createdAt: new Date(idTimeMs(row.id)).toISOString(),
  }
}

function toFacts(row: CommentRow) {
  const { id: commentId, text: _text, createdAt: _createdAt, ...facts } = toComment(row)
  return { ...facts, commentId, authorId: row.author_id, at: new Date().toISOString() }
}
