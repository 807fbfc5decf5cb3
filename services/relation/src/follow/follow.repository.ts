import type { FollowList } from '@fanone/contracts'
import {
  type Database,
  type Db,
  isJoinedShown,
  isShown,
  type JoinedUser,
  type KnownUserEntity,
  knownUserColumns,
  type Param,
  prepare,
  prepareForEach,
  sql,
} from '@fanone/service-kit'
import { FollowEntity, type FollowRow } from './follow.entity.ts'

/** One direction between two users. */
export interface Pair {
  followerId: number
  followeeId: number
}

/** A user and the users to compare with. */
export interface BetweenQuery {
  userId: number
  otherIds: number[]
}

/**
 * An entry of a list: the other user, the position, an id made when the follow began, and whether
 * the viewer follows them.
 */
export interface Listed extends JoinedUser {
  position: number
  isFollowing: number
}

/** Which part of a list is read. */
interface ListQuery {
  userId: number
  beforePosition: number
  offset: number
  limit: number
  /** 0 for nobody in particular. */
  viewerId: number
}

/** Reads follows; changed by `FollowChanges`. */
export class FollowRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Newest first, those below `beforePosition` only. */
  async list(query: {
    list: FollowList
    userId: number
    beforePosition?: number | undefined
    offset?: number
    limit: number
    viewerId: number
  }): Promise<Listed[]> {
    const { list, beforePosition = Number.MAX_SAFE_INTEGER, offset = 0, ...rest } = query
    return (await lists[list].read(this.#database.em(), { ...rest, beforePosition, offset })).rows
  }

  async count(list: FollowList, userId: number): Promise<number> {
    const { rows } = await lists[list].count(this.#database.em(), { userId })
    return Math.max(0, rows[0]?.total ?? 0)
  }

  /** Whom of the others each of these users follows, in the order asked. */
  async findFollowed(queries: BetweenQuery[]): Promise<number[][]> {
    const followed: number[][] = queries.map(() => [])
    if (queries.length === 0) return followed
    const { rows } = await followsFrom(this.#database.em(), queries)
    for (const { asked, followeeId } of rows) followed[asked]?.push(followeeId)
    return followed
  }

  /** The follows between each of these users and others, in both directions, in the order asked. */
  async findBetween(queries: BetweenQuery[]): Promise<Pair[][]> {
    const pairs: Pair[][] = queries.map(() => [])
    if (queries.length === 0) return pairs
    const { rows } = await followsBetween(this.#database.em(), queries)
    for (const { asked, ...pair } of rows) pairs[asked]?.push(pair)
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
      { orderBy: { followerId: 'asc', followeeId: 'asc' }, limit, disableIdentityMap: true },
    )
  }
}

type ListTables = typeof FollowEntity | typeof KnownUserEntity

/** The active follows that a list of a user consists of. */
function followsOf(db: Db<ListTables>, list: FollowList, userId: number) {
  const active = db.selectFrom('follow as f').where('f.is_active', '=', 1)
  if (list === 'followers') return active.where('f.followee_id', '=', userId)
  const following = active.where('f.follower_id', '=', userId)
  if (list === 'following') return following
  // By the primary key, once for each the user follows.
  return following.where(({ exists, selectFrom }) =>
    exists(
      selectFrom('follow as b')
        .select(sql`1`.as('one'))
        .whereRef('b.follower_id', '=', 'f.followee_id')
        .whereRef('b.followee_id', '=', 'f.follower_id')
        .where('b.is_active', '=', 1),
    ),
  )
}

/** The other user of an entry. */
const otherOf = (list: FollowList) => (list === 'followers' ? 'f.follower_id' : 'f.followee_id')

/** What is joined is found by a primary key for each row of the page. */
const prepareList = (list: FollowList) => ({
  read: prepare((db: Db<ListTables>, param: Param<ListQuery>) => {
    const other = otherOf(list)
    return (
      followsOf(
        db,
        list,
        param(({ userId }) => userId),
      )
        .leftJoin('known_user', 'known_user.id', other)
        .leftJoin('follow as own', (join) =>
          join
            .on(
              'own.follower_id',
              '=',
              param(({ viewerId }) => viewerId),
            )
            .onRef('own.followee_id', '=', other)
            .on('own.is_active', '=', 1),
        )
        .select([`${other} as userId`, 'f.position', ...knownUserColumns])
        .select(({ eb }) => eb('own.follower_id', 'is not', null).$castTo<number>().as('isFollowing'))
        .where(isJoinedShown())
        // The lists of a hidden user are empty for everybody.
        .where(isShown(param(({ userId }) => userId)))
        .where(
          'f.position',
          '<',
          param(({ beforePosition }) => beforePosition),
        )
        .orderBy('f.position', 'desc')
        .limit(param(({ limit }) => limit))
        .offset(param(({ offset }) => offset))
    )
  }),
  /** All, less the hidden ones: these are few and are asked for, instead of looking at each. */
  count: prepare((db: Db<ListTables>, param: Param<{ userId: number }>) => {
    const userId = param(({ userId: id }) => id)
    const hidden = followsOf(db, list, userId)
      .innerJoin('known_user as h', 'h.id', otherOf(list))
      .where('h.is_hidden', '=', 1)
      .select(({ fn }) => fn.countAll<number>().as('hidden'))
    return followsOf(db, list, userId)
      .where(isShown(userId))
      .select(({ eb, fn }) => eb(fn.countAll<number>(), '-', hidden).as('total'))
  }),
})

const lists = {
  following: prepareList('following'),
  followers: prepareList('followers'),
  friends: prepareList('friends'),
} satisfies Record<FollowList, unknown>

const followsFrom = prepareForEach((db: Db<typeof FollowEntity>, query: Param<BetweenQuery>, index) => {
  const [userId, otherIds] = [query((one) => one.userId), query((one) => one.otherIds)]
  return db
    .selectFrom('follow')
    .select('followee_id as followeeId')
    .select(({ lit }) => lit(index).as('asked'))
    .where('is_active', '=', 1)
    .where('follower_id', '=', userId)
    .where('followee_id', 'in', otherIds)
})

/**
 * Two look-ups of the primary key for each user: for pairs in one condition MariaDB scans the
 * table.
 */
const followsBetween = prepareForEach((db: Db<typeof FollowEntity>, query: Param<BetweenQuery>, index) => {
  const lookup = db
    .selectFrom('follow')
    .select(['follower_id as followerId', 'followee_id as followeeId'])
    .select(({ lit }) => lit(index).as('asked'))
    .where('is_active', '=', 1)
  const [userId, otherIds] = [query((one) => one.userId), query((one) => one.otherIds)]
  return lookup
    .where('follower_id', '=', userId)
    .where('followee_id', 'in', otherIds)
    .unionAll(lookup.where('follower_id', 'in', otherIds).where('followee_id', '=', userId))
})
