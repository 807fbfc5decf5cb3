import { type FollowFlags, type FollowList, idTimeMs, type ListedUser } from '@fanone/contracts'
import { type GetProfiles, idCursor, type KnownUsers, page, ServiceError } from '@fanone/service-kit'
import { type FollowCall, type FollowChanges, toEvent } from './follow.changes.ts'
import type { BetweenQuery, FollowRepository, Listed, Pair } from './follow.repository.ts'

const cursors = {
  following: idCursor('following'),
  followers: idCursor('followers'),
  friends: idCursor('friends'),
} satisfies Record<FollowList, unknown>

/** Whether anything changed. */
interface Changed {
  changed: boolean
}

interface Listing {
  list: FollowList
  userId: number
  viewerId?: number | undefined
}

/** Who follows whom. */
export class FollowService {
  readonly #follows: FollowRepository
  readonly #changes: FollowChanges
  readonly #users: Pick<KnownUsers, 'of'>
  readonly #getProfiles: GetProfiles

  constructor(options: {
    follows: FollowRepository
    changes: FollowChanges
    users: Pick<KnownUsers, 'of'>
    getProfiles: GetProfiles
  }) {
    this.#follows = options.follows
    this.#changes = options.changes
    this.#users = options.users
    this.#getProfiles = options.getProfiles
  }

  /** Undefined for those that `follow` refuses, or whose user could not be asked for. */
  async followMany(calls: FollowCall[]): Promise<(Changed | undefined)[]> {
    const others = calls.filter(({ followerId, followeeId }) => followerId !== followeeId)
    const isKnown = await this.#knowMany(others)
    const right = others.filter(isKnown)
    const changed = new Map((await this.#changes.follow(right)).map((one, index) => [right[index], { changed: one }]))
    return calls.map((call) => changed.get(call))
  }

  /** @throws ServiceError `cannot_follow_self`, `user_not_found` */
  async follow(call: FollowCall): Promise<Changed> {
    if (call.followerId === call.followeeId) throw new ServiceError('cannot_follow_self')
    // Checked before the transaction, which holds a connection.
    if (!(await this.#changes.find([call])).has(call)) await this.#requireUser(call.followeeId)
    const [changed = false] = await this.#changes.follow([call])
    return { changed }
  }

  async unfollowMany(calls: FollowCall[]): Promise<Changed[]> {
    return (await this.#changes.unfollow(calls)).map((changed) => ({ changed }))
  }

  /** @throws ServiceError `malformed_cursor` */
  async list(input: Listing & { cursor?: string | undefined; limit: number }) {
    const { cursor, limit, viewerId = 0, ...of } = input
    const positions = cursors[of.list]
    const beforePosition = cursor === undefined ? undefined : positions.decode(cursor)
    const { items, nextCursor } = await page(
      limit,
      (most) => this.#follows.list({ ...of, beforePosition, limit: most, viewerId }),
      ({ position }) => positions.encode(position),
    )
    return { items: await this.#toItems(items), nextCursor }
  }

  async page({ viewerId = 0, ...input }: Listing & { offset: number; limit: number }) {
    const [rows, total] = await Promise.all([
      this.#follows.list({ ...input, viewerId }),
      this.#follows.count(input.list, input.userId),
    ])
    return { items: await this.#toItems(rows), total }
  }

  /** Whom of these each user follows, in the order of the users. */
  async followed(asked: BetweenQuery[]): Promise<{ followed: number[] }[]> {
    const queries = asked.map(({ userId, otherIds }) => ({ userId, otherIds: [...new Set(otherIds)] }))
    return (await this.#follows.findFollowed(queries)).map((followed) => ({ followed }))
  }

  /** How each of some users stands to others, in the order asked, each of these once. */
  async flags(asked: BetweenQuery[]): Promise<{ flags: FollowFlags[] }[]> {
    const queries = asked.map(({ userId, otherIds }) => ({ userId, otherIds: [...new Set(otherIds)] }))
    const pairs = await this.#follows.findBetween(queries)
    return queries.map((query, index) => ({ flags: toFlags(query, pairs[index] ?? []) }))
  }

  async walk(input: { afterFollowerId: number; afterFolloweeId: number; limit: number }) {
    return { items: (await this.#follows.walk(input)).map(toEvent) }
  }

  /** Which calls follow somebody that exists; somebody who was followed before does. */
  async #knowMany(calls: FollowCall[]): Promise<(call: FollowCall) => boolean> {
    if (calls.length === 0) return () => false
    const old = await this.#changes.find(calls)
    const ids = [...new Set(calls.filter((call) => !old.has(call)).map(({ followeeId }) => followeeId))]
    // One by one they hear each their own error.
    const users =
      ids.length === 0
        ? []
        : await this.#getProfiles({ ids }).then(
            ({ items }) => items,
            () => [],
          )
    const there = new Set(users.map(({ id }) => id))
    return (call) => old.has(call) || there.has(call.followeeId)
  }

  async #toItems(rows: Listed[]): Promise<ListedUser[]> {
    const users = new Map((await this.#users.of(rows)).map((user) => [user.id, user]))
    return rows.map(({ userId, position, isFollowing }) => ({
      userId,
      followedAt: new Date(idTimeMs(position)).toISOString(),
      user: users.get(userId) ?? null,
      isFollowing: isFollowing === 1,
    }))
  }

  /** @throws ServiceError `user_not_found` */
  async #requireUser(id: number): Promise<void> {
    const { items } = await this.#getProfiles({ ids: [id] })
    if (items.length === 0) throw new ServiceError('user_not_found')
  }
}

function toFlags({ userId, otherIds }: BetweenQuery, pairs: Pair[]): FollowFlags[] {
  const isFromUser = (pair: Pair) => pair.followerId === userId
  const followees = new Set(pairs.filter(isFromUser).map(({ followeeId }) => followeeId))
  const followers = new Set(pairs.filter((pair) => !isFromUser(pair)).map(({ followerId }) => followerId))
  return otherIds.map((id) => ({ userId: id, following: followees.has(id), followedBy: followers.has(id) }))
}
