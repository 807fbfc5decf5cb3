import {
  type FollowFlags,
  type FollowList,
  idTimeMs,
  type Profile,
  userFollowed,
  userUnfollowed,
} from '@fanone/contracts'
import {
  addToOutbox,
  callMark,
  type Database,
  hasMark,
  type Identity,
  idCursor,
  page,
  ServiceError,
  withMark,
} from '@fanone/service-kit'
import type { FollowRow } from './follow.entity.ts'
import type { BetweenQuery, FollowRepository, Listed, Pair } from './follow.repository.ts'

/** `profiles.getMany` of the user service. */
export type GetProfiles = (input: { ids: number[] }) => Promise<{ items: Pick<Profile, 'id'>[] }>

const cursors = {
  following: idCursor('following'),
  followers: idCursor('followers'),
  friends: idCursor('friends'),
} satisfies Record<FollowList, unknown>

/** Who follows whom. */
export class FollowService {
  readonly #database: Database
  readonly #follows: FollowRepository
  readonly #getProfiles: GetProfiles

  constructor(options: { database: Database; follows: FollowRepository; getProfiles: GetProfiles }) {
    this.#database = options.database
    this.#follows = options.follows
    this.#getProfiles = options.getProfiles
  }

  /** @throws ServiceError `cannot_follow_self`, `user_not_found` */
  async follow(identity: Identity, input: { userId: number }, key: string | undefined): Promise<{ changed: boolean }> {
    const pair = { followerId: identity.userId, followeeId: input.userId }
    if (pair.followerId === pair.followeeId) throw new ServiceError('cannot_follow_self')
    // Somebody who was followed before exists. Checked before the transaction, which holds a
    // connection.
    if (!(await this.#follows.find(pair))) await this.#requireUser(input.userId)
    const mark = callMark('follows.follow', key)
    return this.#database.transaction(async (em) => {
      const row = await this.#follows.lockOrAdd(em, pair)
      if (hasMark(row.changedBy, mark)) return { changed: true }
      if (row.isActive) return { changed: false }
      Object.assign(row, { isActive: true, position: this.#database.newId() }, nextVersion(row, mark))
      addToOutbox(this.#database, em, userFollowed, toEvent(row))
      return { changed: true }
    })
  }

  async unfollow(
    identity: Identity,
    input: { userId: number },
    key: string | undefined,
  ): Promise<{ changed: boolean }> {
    const pair = { followerId: identity.userId, followeeId: input.userId }
    // Locking a missing row would lock the gap, and with it others who insert there.
    if (!(await this.#follows.find(pair))) return { changed: false }
    const mark = callMark('follows.unfollow', key)
    return this.#database.transaction(async (em) => {
      const row = await this.#follows.lock(em, pair)
      if (row && hasMark(row.changedBy, mark)) return { changed: true }
      if (!row?.isActive) return { changed: false }
      Object.assign(row, { isActive: false }, nextVersion(row, mark))
      addToOutbox(this.#database, em, userUnfollowed, toEvent(row))
      return { changed: true }
    })
  }

  /** @throws ServiceError `malformed_cursor` */
  async list(input: { list: FollowList; userId: number; cursor?: string | undefined; limit: number }) {
    const { cursor, limit, ...of } = input
    const positions = cursors[of.list]
    const beforePosition = cursor === undefined ? undefined : positions.decode(cursor)
    const { items, nextCursor } = await page(
      limit,
      (most) => this.#follows.list({ ...of, beforePosition, limit: most }),
      ({ position }) => positions.encode(position),
    )
    return { items: items.map(toItem), nextCursor }
  }

  async page(input: { list: FollowList; userId: number; offset: number; limit: number }) {
    const [rows, total] = await Promise.all([this.#follows.list(input), this.#follows.count(input.list, input.userId)])
    return { items: rows.map(toItem), total }
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

const nextVersion = (row: FollowRow, mark: Buffer) => ({
  version: row.version + 1,
  changedAt: new Date(),
  changedBy: withMark(row.changedBy, mark),
})

const toItem = ({ userId, position }: Listed) => ({ userId, followedAt: new Date(idTimeMs(position)).toISOString() })

/** The row as in events and walks. */
function toEvent({ followerId, followeeId, version, changedAt }: FollowRow) {
  return { followerId, followeeId, version, at: changedAt.toISOString() }
}
