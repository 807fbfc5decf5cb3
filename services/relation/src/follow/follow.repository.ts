import type { FollowList } from '@fanone/contracts'
import type { Database, EntityManager } from '@fanone/service-kit'
import { LockMode } from '@mikro-orm/core'
import { FollowEntity, type FollowRow } from './follow.entity.ts'

/** One direction between two users. */
export interface Pair {
  followerId: number
  followeeId: number
}

/** A user, and others whom they may follow or be followed by. */
export interface BetweenQuery {
  userId: number
  otherIds: number[]
}

/** An entry of a list: the other user, and where in the order, which is an id made when the follow began. */
export interface Listed {
  userId: number
  position: number
}

/** What a list is, as SQL: which column is the other user, and what has to hold. Only these texts and numbers get into a statement. */
const lists = {
  following: { other: 'followee_id', condition: 'f.follower_id = ? and f.is_active = 1' },
  followers: { other: 'follower_id', condition: 'f.followee_id = ? and f.is_active = 1' },
  friends: {
    other: 'followee_id',
    // By the primary key, once for each the user follows.
    condition: `f.follower_id = ? and f.is_active = 1 and exists (
      select 1 from follow b where b.follower_id = f.followee_id and b.followee_id = f.follower_id and b.is_active = 1)`,
  },
} satisfies Record<FollowList, { other: string; condition: string }>

export class FollowRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  find(pair: Pair): Promise<FollowRow | null> {
    return this.#database.em().findOne(FollowEntity, pair)
  }

  /** Reads the row for a change; null where these two had nothing to do with each other yet. */
  lock(em: EntityManager, pair: Pair): Promise<FollowRow | null> {
    return em.findOne(FollowEntity, pair, { lockMode: LockMode.PESSIMISTIC_WRITE })
  }

  /**
   * Like `lock`, but makes the row where there is none, inactive and at version 0. A statement that inserts or updates takes the exclusive
   * lock at once: with a look first, two who make the same row would hold the gap it belongs into, and each wait for the other.
   */
  async lockOrAdd(em: EntityManager, pair: Pair): Promise<FollowRow> {
    await em.execute(
      `insert into follow (follower_id, followee_id, position, is_active, version, changed_at) values (?, ?, 0, 0, 0, ?)
       on duplicate key update version = version`,
      [pair.followerId, pair.followeeId, new Date()],
      'run',
    )
    return (await this.lock(em, pair)) as FollowRow
  }

  /** Newest first, those below `beforePosition` only. */
  async list(query: {
    list: FollowList
    userId: number
    beforePosition?: number | undefined
    offset?: number
    limit: number
  }): Promise<Listed[]> {
    const { list, userId, beforePosition = Number.MAX_SAFE_INTEGER, offset = 0, limit } = query
    const { other, condition } = lists[list]
    const rows = await this.#database.em().execute<Listed[]>(
      `select f.${other} as userId, f.position as position from follow f
       where ${condition} and f.position < ? order by f.position desc limit ? offset ?`,
      [userId, beforePosition, limit, offset],
    )
    return rows.map((row) => ({ userId: Number(row.userId), position: Number(row.position) }))
  }

  async count(list: FollowList, userId: number): Promise<number> {
    const [row] = await this.#database
      .em()
      .execute<{ total: number }[]>(`select count(*) as total from follow f where ${lists[list].condition}`, [userId])
    return Number(row?.total)
  }

  /** The follows between each of these users and others, in both directions, in the order asked. */
  async findBetween(queries: BetweenQuery[]): Promise<Pair[][]> {
    const columns = 'follower_id as followerId, followee_id as followeeId'
    // Two lookups of the primary key for each user: for pairs in one condition MariaDB goes through the table.
    const lookups = queries.flatMap(({ userId, otherIds }, index) => [
      `select ${index} as asked, ${columns} from follow
        where follower_id = ${userId} and followee_id in (${otherIds.join()}) and is_active = 1`,
      `select ${index} as asked, ${columns} from follow
        where follower_id in (${otherIds.join()}) and followee_id = ${userId} and is_active = 1`,
    ])
    const rows = await this.#database.em().execute<(Pair & { asked: number })[]>(lookups.join(' union all '))
    const pairs: Pair[][] = queries.map(() => [])
    for (const { asked, followerId, followeeId } of rows)
      pairs[asked]?.push({ followerId: Number(followerId), followeeId: Number(followeeId) })
    return pairs
  }

  /** Active follows behind a position, ordered by follower and followee. */
  walk(query: { afterFollowerId: number; afterFolloweeId: number; limit: number }): Promise<FollowRow[]> {
    const { afterFollowerId, afterFolloweeId, limit } = query
    return this.#database.em().find(
      FollowEntity,
      {
        isActive: true,
        // The first condition alone decides where the primary key is entered.
        followerId: { $gte: afterFollowerId },
        $or: [{ followerId: { $gt: afterFollowerId } }, { followeeId: { $gt: afterFolloweeId } }],
      },
      { orderBy: { followerId: 'asc', followeeId: 'asc' }, limit },
    )
  }
}
