import { userFollowed, userUnfollowed } from '@fanone/contracts'
import {
  addToOutbox,
  columnsOf,
  type Database,
  type Db,
  type EntityManager,
  hasAnyKey,
  hasMark,
  inRounds,
  insertAll,
  type Param,
  prepareForAll,
  readThenChange,
  withMark,
  writeAll,
} from '@fanone/service-kit'
import { FollowEntity, type FollowRow } from './follow.entity.ts'
import type { Pair } from './follow.repository.ts'

/** A follow or its end; `mark` names the call. */
export interface FollowCall extends Pair {
  mark: Buffer
  /** Tells of the event in the trace of the call. */
  within: <Result>(work: () => Result) => Result
}

/** As entities are read; statements read flags as numbers. */
type Stored = Omit<FollowRow, 'isActive'> & { isActive: number }
type Found = ReadonlyMap<string, Stored>
interface Change {
  call: FollowCall
  row: Stored
}

/**
 * Follows and ends of follows, many in one transaction. Rows are locked in the order of their keys,
 * old ones before new ones, so that two groups never wait for each other.
 */
export class FollowChanges {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Those of the pairs that have, or once had, to do with each other. */
  async find(pairs: readonly Pair[]): Promise<{ has(pair: Pair): boolean }> {
    const found = await find(this.#database.em(), pairs)
    return { has: (pair) => found.has(keyOf(pair)) }
  }

  /**
   * Follows users that exist, with an event each.
   *
   * @returns whether each changed anything, also for the repeat of a call that did
   */
  follow(calls: FollowCall[]): Promise<boolean[]> {
    return inRounds(calls, keyOf, (round) => this.#change(round, true))
  }

  /** Ends follows in the same way. */
  unfollow(calls: FollowCall[]): Promise<boolean[]> {
    return inRounds(calls, keyOf, (round) => this.#change(round, false))
  }

  async #change(calls: FollowCall[], isActive: boolean): Promise<boolean[]> {
    const wants = isActive ? 1 : 0
    const hasToChange = (call: FollowCall, found: Found) => {
      const row = found.get(keyOf(call))
      return (row?.isActive ?? 0) !== wants && !(row && hasMark(row.changedBy, call.mark))
    }
    const answersOf = (found: Found) =>
      calls.map((call) => {
        const row = found.get(keyOf(call))
        return hasToChange(call, found) || (row !== undefined && hasMark(row.changedBy, call.mark))
      })
    return readThenChange(this.#database, {
      read: (em) => find(em, calls),
      settle: (found) => (calls.some((call) => hasToChange(call, found)) ? undefined : answersOf(found)),
      change: async (em, found) => {
        const open = calls.filter((call) => hasToChange(call, found))
        await this.#write(
          em,
          open.map((call) => ({ call, row: this.#next(call, found, wants) })),
          found,
        )
        return answersOf(found)
      },
    })
  }

  #next({ followerId, followeeId, mark }: FollowCall, found: Found, isActive: number): Stored {
    const none = { position: 0, version: 0, changedBy: Buffer.alloc(0) }
    const { position, version, changedBy } = found.get(keyOf({ followerId, followeeId })) ?? none
    return {
      followerId,
      followeeId,
      isActive,
      position: isActive ? this.#database.newId() : position,
      version: version + 1,
      changedAt: new Date(),
      changedBy: withMark(changedBy, mark),
    }
  }

  /** @throws TransactionConflict where another call has changed one of them since it was read */
  async #write(em: EntityManager, changes: Change[], found: Found): Promise<void> {
    const rows = changes.map(({ row }) => row).toSorted(byKey)
    const old = rows.filter((row) => found.has(keyOf(row)))
    const added = rows.filter((row) => !found.has(keyOf(row)))
    await writeAll(em, old, {
      lock,
      isUnchanged: (row) => row.version === found.get(keyOf(row))?.version,
      write,
    })
    await insertAll(em, added, insert)
    for (const { call, row } of changes) {
      const event = row.isActive ? userFollowed : userUnfollowed
      call.within(() => addToOutbox(this.#database, em, event, toEvent(row)))
    }
  }
}

/** The row as in events and walks. */
export function toEvent({ followerId, followeeId, version, changedAt }: Omit<FollowRow, 'isActive'>) {
  return { followerId, followeeId, version, at: changedAt.toISOString() }
}

const keyOf = ({ followerId, followeeId }: Pair) => `${followerId} ${followeeId}`
const byKey = (one: Pair, other: Pair) => one.followerId - other.followerId || one.followeeId - other.followeeId

async function find(em: EntityManager, pairs: readonly Pair[]): Promise<Found> {
  const { rows } = await select(em, pairs)
  return new Map(rows.map((row) => [keyOf(row), row]))
}

const columns = columnsOf(FollowEntity)

const ofPairs = (db: Db<typeof FollowEntity>, pairs: Param<Pair>[]) =>
  db.selectFrom('follow').where((eb) =>
    hasAnyKey(eb, pairs, {
      follower_id: ({ followerId }) => followerId,
      followee_id: ({ followeeId }) => followeeId,
    }),
  )

const select = prepareForAll((db: Db<typeof FollowEntity>, pairs: Param<Pair>[]) => ofPairs(db, pairs).select(columns))

const lock = prepareForAll((db: Db<typeof FollowEntity>, pairs: Param<Pair>[]) =>
  ofPairs(db, pairs)
    .select(['follower_id as followerId', 'followee_id as followeeId', 'version'])
    .orderBy('follower_id')
    .orderBy('followee_id')
    .forUpdate(),
)

const toValues = (row: Param<Stored>) => ({
  follower_id: row(({ followerId }) => followerId),
  followee_id: row(({ followeeId }) => followeeId),
  position: row(({ position }) => position),
  is_active: row(({ isActive }) => isActive),
  version: row(({ version }) => version),
  changed_at: row(({ changedAt }) => changedAt),
  changed_by: row(({ changedBy }) => changedBy),
})

const insert = prepareForAll((db: Db<typeof FollowEntity>, rows: Param<Stored>[]) =>
  db.insertInto('follow').ignore().values(rows.map(toValues)),
)

/** Rows that are locked, so that all of them are there. */
const write = prepareForAll((db: Db<typeof FollowEntity>, rows: Param<Stored>[]) =>
  db
    .insertInto('follow')
    .values(rows.map(toValues))
    .onDuplicateKeyUpdate(({ fn }) => ({
      position: fn('values', ['position']),
      is_active: fn('values', ['is_active']),
      version: fn('values', ['version']),
      changed_at: fn('values', ['changed_at']),
      changed_by: fn('values', ['changed_by']),
    })),
)
