import { type ContentKind, contentUnliked } from '@fanone/contracts'
import {
  addToOutbox,
  columnsOf,
  type Database,
  type Db,
  type EntityManager,
  isShown,
  kysely,
  type Param,
  prepare,
  prepareForEach,
} from '@fanone/service-kit'
import { type Like, toLike } from './like.changes.ts'
import { LikeEntity } from './like.entity.ts'

/** Content that a user may like. */
export interface LikedQuery {
  userId: number
  kind: ContentKind
  ids: number[]
}

/** Which part of a user's likes is read. */
interface ListQuery {
  userId: number
  kind: ContentKind
  beforeLikedId: number
  offset: number
  limit: number
  /** Whose likes are shown; 0 for nobody's. */
  viewerId: number
}

/** Reads likes, one row for each user and content; changed by `LikeChanges`. */
export class LikeRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
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
    viewerId: number
  }): Promise<{ contentId: number; likedId: number; isLiked: number }[]> {
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
  const at = new Date().toISOString()
  await likes.deleteFrom('content_like').where('id', 'in', rowIds).execute()
  for (const row of rows) if (row.likedId !== null) addToOutbox(database, em, contentUnliked, { ...toLike(row), at })
  return rows.length
}

const columns = columnsOf(LikeEntity)

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
    .selectFrom('content_like as listed')
    .leftJoin('content_like as own', (join) =>
      join
        .onRef('own.kind', '=', 'listed.kind')
        .onRef('own.content_id', '=', 'listed.content_id')
        .on(
          'own.user_id',
          '=',
          param(({ viewerId }) => viewerId),
        )
        .on('own.liked_id', 'is not', null),
    )
    .select('listed.content_id as contentId')
    .select(({ ref, eb }) => [
      ref('listed.liked_id').$notNull().as('likedId'),
      eb('own.id', 'is not', null).$castTo<number>().as('isLiked'),
    ])
    .where('listed.user_id', '=', userId)
    .where(isShown(userId))
    .where('listed.kind', '=', kind)
    .where(
      'listed.liked_id',
      '<',
      param(({ beforeLikedId }) => beforeLikedId),
    )
    .orderBy('listed.liked_id', 'desc')
    .limit(param(({ limit }) => limit))
    .offset(param(({ offset }) => offset))
})
