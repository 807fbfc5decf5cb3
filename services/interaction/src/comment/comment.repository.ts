import {
  type Comment,
  type ContentKind,
  type ContentRef,
  commentCreated,
  commentDeleted,
  idTimeMs,
  type ListedComment,
} from '@fanone/contracts'
import {
  addToOutbox,
  type Database,
  type Db,
  type EntityManager,
  isJoinedShown,
  isShown,
  type JoinedUser,
  type KnownUserEntity,
  knownUserColumns,
  kysely,
  type Param,
  prepare,
  prepareForAll,
  sql,
} from '@fanone/service-kit'
import { LockMode } from '@mikro-orm/core'
import { addToEnded } from '../content/content.repository.ts'
import type { CommentCountersEntity } from '../counters/counters.entity.ts'
import type { LikeEntity } from '../like/like.entity.ts'
import { CommentEntity, type CommentRow } from './comment.entity.ts'

/** A comment as it is shown and told of. */
export type VisibleComment = Omit<CommentRow, 'deletedAt' | 'deletedBy'>

const columns = [
  'id',
  'kind',
  'content_id as contentId',
  'author_id as authorId',
  'parent_id as parentId',
  'user_id as userId',
  'text',
] as const

/** A comment as it is shown to a viewer, with what is known of its author. */
export interface ListedRow extends VisibleComment, JoinedUser {
  /** Null until stats has told of any. */
  likes: number | null
  replies: number | null
  isLiked: number
}

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
  /** Whose likes are shown; 0 for nobody's. */
  viewerId: number
}

/** Comments that are visible. */
export class CommentRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Undefined also for what a hidden user wrote, or has under what is theirs. */
  find(id: number): Promise<VisibleComment | undefined> {
    return kysely<typeof CommentEntity | typeof KnownUserEntity>(this.#database.em())
      .selectFrom('comment')
      .select(columns)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .where(({ and, ref }) => and([isShown(ref('comment.user_id')), isShown(ref('comment.author_id'))]))
      .executeTakeFirst()
  }

  findMany(ids: number[]): Promise<VisibleComment[]> {
    return visible(kysely<typeof CommentEntity>(this.#database.em())).where('id', 'in', ids).execute()
  }

  async list(query: CommentQuery): Promise<ListedRow[]> {
    return (await lists[query.order](this.#database.em(), query)).rows
  }

  /** Visible comments above `afterId` in id order. */
  walk(query: { afterId: number; limit: number }): Promise<VisibleComment[]> {
    return visible(kysely<typeof CommentEntity>(this.#database.em()))
      .where('id', '>', query.afterId)
      .orderBy('id')
      .limit(query.limit)
      .execute()
  }
}

const visible = (db: Db<typeof CommentEntity>) =>
  db.selectFrom('comment').select(columns).where('deleted_at', 'is', null)

type ListTables = typeof CommentEntity | typeof CommentCountersEntity | typeof KnownUserEntity | typeof LikeEntity

/** One statement for a page: what is joined is found by a key for each of its rows. */
const prepareList = (order: CommentQuery['order']) =>
  prepare((db: Db<ListTables>, param: Param<CommentQuery>) => {
    const [operator, direction, from] =
      order === 'newestFirst' ? (['<', 'desc', Number.MAX_SAFE_INTEGER] as const) : (['>', 'asc', 0] as const)
    return (
      db
        .selectFrom('comment')
        .where(
          'comment.kind',
          '=',
          param(({ target }) => target.kind),
        )
        .where(
          'comment.content_id',
          '=',
          param(({ target }) => target.id),
        )
        .where('comment.deleted_at', 'is', null)
        .where(
          'comment.parent_id',
          '=',
          param(({ parentId }) => parentId),
        )
        .where(
          'comment.id',
          operator,
          param(({ fromId = from }) => fromId),
        )
        .orderBy('comment.id', direction)
        .limit(param(({ limit }) => limit))
        .offset(param(({ offset }) => offset))
        .leftJoin('comment_counters', 'comment_counters.id', 'comment.id')
        .leftJoin('known_user', 'known_user.id', 'comment.user_id')
        .leftJoin('content_like', (join) =>
          join
            .on('content_like.kind', '=', 'comment')
            .onRef('content_like.content_id', '=', 'comment.id')
            .on(
              'content_like.user_id',
              '=',
              param(({ viewerId }) => viewerId),
            )
            .on('content_like.liked_id', 'is not', null),
        )
        .where(isJoinedShown())
        // What belongs to a hidden user hides what others wrote about it.
        .where(({ ref }) => isShown(ref('comment.author_id')))
        .select(columns.map((name) => `comment.${name}` as const))
        .select(['comment_counters.likes', 'comment_counters.replies'])
        .select(({ eb }) => eb('content_like.id', 'is not', null).$castTo<number>().as('isLiked'))
        .select(knownUserColumns)
    )
  })

const lists = { newestFirst: prepareList('newestFirst'), oldestFirst: prepareList('oldestFirst') }

/** Loads a visible comment and locks it against deletion. */
export function holdComment(em: EntityManager, id: number): Promise<VisibleComment | undefined> {
  // MariaDB has no `for share`.
  return visible(kysely<typeof CommentEntity>(em))
    .where('id', '=', id)
    .modifyEnd(sql`lock in share mode`)
    .executeTakeFirst()
}

/** Loads a comment, deleted or not, and locks it against any change. */
export function lockComment(em: EntityManager, id: number): Promise<CommentRow | null> {
  return em.findOne(CommentEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE, disableIdentityMap: true })
}

/** A comment to be written. */
export interface NewComment extends Omit<VisibleComment, 'id'> {
  /** Tells of the event in the trace of the call. */
  within: <Result>(work: () => Result) => Result
}

/** Adds comments with an event each, in their order. */
export async function insertComments(
  database: Database,
  em: EntityManager,
  comments: readonly NewComment[],
): Promise<VisibleComment[]> {
  if (comments.length === 0) return []
  const rows = comments.map(({ within: _within, ...comment }) => ({ id: database.newId(), ...comment }))
  await insert(em, rows)
  for (const [index, { within }] of comments.entries())
    within(() => addToOutbox(database, em, commentCreated, toFacts(rows[index] as VisibleComment)))
  return rows
}

const insert = prepareForAll((db: Db<typeof CommentEntity>, rows: Param<VisibleComment>[]) =>
  db.insertInto('comment').values(
    rows.map((row) => ({
      id: row(({ id }) => id),
      kind: row(({ kind }) => kind),
      content_id: row(({ contentId }) => contentId),
      author_id: row(({ authorId }) => authorId),
      parent_id: row(({ parentId }) => parentId),
      user_id: row(({ userId }) => userId),
      text: row(({ text }) => text),
    })),
  ),
)

/**
 * Deletes locked comments with an event each; their likes and replies are cascaded in the
 * background.
 *
 * @param mark names the call that deletes them; none for a cascade
 */
export async function deleteComments(
  database: Database,
  em: EntityManager,
  { rows, mark = Buffer.alloc(0) }: { rows: VisibleComment[]; mark?: Buffer },
): Promise<void> {
  if (rows.length === 0) return
  const ids = rows.map((row) => row.id)
  await em.nativeUpdate(CommentEntity, { id: ids }, { deletedAt: new Date(), deletedBy: mark })
  await addToEnded(em, { kind: 'comment', ids })
  for (const row of rows) addToOutbox(database, em, commentDeleted, toFacts(row))
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
  const comments = kysely<typeof CommentEntity>(em)
  const rows =
    kind === 'comment'
      ? await repliesTo(comments, ids).limit(limit).forUpdate().execute()
      : await visible(comments)
          .where('kind', '=', kind)
          .where('content_id', 'in', ids)
          .limit(limit)
          .forUpdate()
          .execute()
  await deleteComments(database, em, { rows })
  return rows.length
}

/** Joined, because the key of replies begins with what their comment is on. */
const repliesTo = (db: Db<typeof CommentEntity>, ids: number[]) =>
  db
    .selectFrom('comment as parent')
    .innerJoin('comment as reply', (join) =>
      join
        .onRef('reply.kind', '=', 'parent.kind')
        .onRef('reply.content_id', '=', 'parent.content_id')
        .onRef('reply.parent_id', '=', 'parent.id'),
    )
    .select(columns.map((name) => `reply.${name}` as const))
    .where('reply.deleted_at', 'is', null)
    .where('parent.id', 'in', ids)

/** The row as callers see it. */
export function toComment(row: VisibleComment): Comment {
  const { id, kind, contentId, parentId, userId, text } = row
  const createdAt = new Date(idTimeMs(id)).toISOString()
  return { id, kind, contentId, parentId: parentId === 0 ? null : parentId, userId, text, createdAt }
}

/** The row as a list shows it. */
export function toListed(row: ListedRow): ListedComment {
  const counters = { likes: row.likes ?? 0, comments: row.replies ?? 0 }
  return { ...toComment(row), counters, isLiked: row.isLiked === 1 }
}

function toFacts(row: VisibleComment) {
  const { id: commentId, text: _text, createdAt: _createdAt, ...facts } = toComment(row)
  return { ...facts, commentId, authorId: row.authorId, at: new Date().toISOString() }
}
