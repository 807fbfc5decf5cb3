import { type ContentKind, type ContentRef, contentLiked, contentUnliked } from '@fanone/contracts'
import {
  addToOutbox,
  columnsOf,
  type Database,
  type Db,
  type EntityManager,
  hasMark,
  inRounds,
  type Param,
  prepare,
  prepareForAll,
  readThenChange,
  TransactionConflict,
  withMark,
} from '@fanone/service-kit'
import { holdContents } from '../content/content.repository.ts'
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
  /** Tells of the event in the trace of the call. */
  within: <Result>(work: () => Result) => Result
}

/**
 * `unknown` where the content is not there, as far as this service knows; `changed` also for the
 * repeat of a call that changed the like, however it was changed since.
 */
export type LikeOutcome = 'changed' | 'unchanged' | 'unknown'

type Found = ReadonlyMap<string, LikeRow>
interface Change {
  call: LikeCall
  row: LikeRow
}

/**
 * Likes and ends of likes, many in one transaction. Rows are locked in the order of their keys,
 * content before likes and old likes before new ones, so that two groups never wait for each other.
 */
export class LikeChanges {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Likes with an event each, or changes nothing. */
  like(calls: LikeCall[]): Promise<LikeOutcome[]> {
    return inRounds(calls, keyOfCall, (round) => this.#inTransaction(round, isLiked, this.#addLikes))
  }

  /** Ends likes with an event each, or changes nothing. */
  unlike(calls: LikeCall[]): Promise<LikeOutcome[]> {
    return inRounds(calls, keyOfCall, (round) => this.#inTransaction(round, isNotLiked, this.#endLikes))
  }

  /**
   * Changes what is not as it is to be, read anew in every try.
   *
   * @param isAsWanted of what was read
   * @param change leaves out what it cannot change
   */
  async #inTransaction(
    calls: LikeCall[],
    isAsWanted: (row: LikeRow | undefined) => boolean,
    change: (em: EntityManager, calls: LikeCall[], found: Found) => Promise<ReadonlySet<LikeCall>>,
  ): Promise<LikeOutcome[]> {
    const judge = (rows: Found) => {
      const outcomes = new Map<LikeCall, LikeOutcome>()
      for (const call of calls) {
        const row = rows.get(keyOfCall(call))
        if (row && hasMark(row.changedBy, call.mark)) outcomes.set(call, 'changed')
        else if (isAsWanted(row)) outcomes.set(call, 'unchanged')
      }
      return outcomes
    }
    const answersOf = (outcomes: Map<LikeCall, LikeOutcome>) => calls.map((call) => outcomes.get(call) ?? 'unknown')
    return readThenChange(this.#database, {
      read: (em) => findLikes(em, calls),
      settle: (rows) => {
        const outcomes = judge(rows)
        return outcomes.size === calls.length ? answersOf(outcomes) : undefined
      },
      change: async (em, rows) => {
        const outcomes = judge(rows)
        const open = calls.filter((call) => !outcomes.has(call))
        for (const call of await change(em, open, rows)) outcomes.set(call, 'changed')
        return answersOf(outcomes)
      },
    })
  }

  #addLikes = async (em: EntityManager, calls: LikeCall[], found: Found): Promise<ReadonlySet<LikeCall>> => {
    const authors = await holdContents(
      em,
      calls.map(({ target }) => target),
    )
    const changes = calls.flatMap((call): Change[] => {
      const { target, userId, mark } = call
      const authorId = authors(target)
      if (authorId === undefined) return []
      const likedId = this.#database.newId()
      const old = found.get(keyOfCall(call))
      const key = { kind: target.kind, contentId: target.id, authorId, userId }
      const row = old ? { ...old, likedId } : { id: likedId, ...key, likedId, changedBy: Buffer.alloc(0) }
      return [{ call, row: { ...row, changedBy: withMark(row.changedBy, mark) } }]
    })
    const isOld = ({ call }: Change) => found.has(keyOfCall(call))
    await changeRows(em, changes.filter(isOld), found)
    await insertRows(
      em,
      changes.filter((change) => !isOld(change)),
    )
    this.#tell(em, contentLiked, changes)
    return new Set(changes.map(({ call }) => call))
  }

  #endLikes = async (em: EntityManager, calls: LikeCall[], found: Found): Promise<ReadonlySet<LikeCall>> => {
    const changes = calls.flatMap((call): Change[] => {
      const row = found.get(keyOfCall(call))
      return row ? [{ call, row: { ...row, likedId: null, changedBy: withMark(row.changedBy, call.mark) } }] : []
    })
    await changeRows(em, changes, found)
    this.#tell(em, contentUnliked, changes)
    return new Set(changes.map(({ call }) => call))
  }

  #tell(em: EntityManager, event: typeof contentLiked | typeof contentUnliked, changes: Change[]): void {
    const at = new Date().toISOString()
    for (const { call, row } of changes)
      call.within(() => addToOutbox(this.#database, em, event, { ...toLike(row), at }))
  }
}

export const toLike = ({ kind, contentId, authorId, userId }: LikeRow): Like => ({ kind, contentId, authorId, userId })

const keyOf = (kind: ContentKind, contentId: number, userId: number) => `${kind} ${contentId} ${userId}`
const keyOfCall = ({ target, userId }: LikeCall) => keyOf(target.kind, target.id, userId)
const keyOfRow = ({ kind, contentId, userId }: LikeRow) => keyOf(kind, contentId, userId)
const isLiked = (row: LikeRow | undefined) => (row?.likedId ?? null) !== null
const sameMarks = (one: Pick<LikeRow, 'changedBy'> | undefined, other: Pick<LikeRow, 'changedBy'>) =>
  one !== undefined && Buffer.compare(one.changedBy, other.changedBy) === 0
const isNotLiked = (row: LikeRow | undefined) => !isLiked(row)

async function findLikes(em: EntityManager, calls: LikeCall[]): Promise<Found> {
  const { rows } = await selectLikes(em, calls)
  return new Map(rows.map((row) => [keyOfRow(row), row]))
}

/** @throws TransactionConflict where another call has changed one since it was read */
async function changeRows(em: EntityManager, changes: Change[], found: Found): Promise<void> {
  if (changes.length === 0) return
  const sorted = changes.map(({ row }) => row).toSorted((one, other) => one.id - other.id)
  const { rows } = await lockLikes(em, { ids: sorted.map(({ id }) => id) })
  const isUnchanged = (row: Pick<LikeRow, 'id' | 'changedBy'>, index: number) =>
    row.id === sorted[index]?.id && sameMarks(found.get(keyOfRow(sorted[index])), row)
  if (rows.length < sorted.length || !rows.every(isUnchanged)) throw new TransactionConflict('a like has changed')
  await writeLikes(em, sorted)
}

/** @throws TransactionConflict where another call has inserted one since it was looked for */
async function insertRows(em: EntityManager, changes: Change[]): Promise<void> {
  if (changes.length === 0) return
  const sorted = changes.toSorted((one, other) => (keyOfRow(one.row) < keyOfRow(other.row) ? -1 : 1))
  const { numAffectedRows } = await insertLikes(
    em,
    sorted.map(({ row }) => row),
  )
  if (numAffectedRows !== BigInt(sorted.length)) throw new TransactionConflict('a like was faster')
}

const columns = columnsOf(LikeEntity)

const selectLikes = prepareForAll((db: Db<typeof LikeEntity>, calls: Param<LikeCall>[]) =>
  db
    .selectFrom('content_like')
    .select(columns)
    .where(({ eb, or, and }) =>
      or(
        calls.map((call) =>
          and([
            eb(
              'kind',
              '=',
              call(({ target }) => target.kind),
            ),
            eb(
              'content_id',
              '=',
              call(({ target }) => target.id),
            ),
            eb(
              'user_id',
              '=',
              call(({ userId }) => userId),
            ),
          ]),
        ),
      ),
    ),
)

const lockLikes = prepare((db: Db<typeof LikeEntity>, param: Param<{ ids: number[] }>) =>
  db
    .selectFrom('content_like')
    .select(['id', 'changed_by as changedBy'])
    .where(
      'id',
      'in',
      param(({ ids }) => ids),
    )
    .orderBy('id')
    .forUpdate(),
)

const toValues = (row: Param<LikeRow>) => ({
  id: row(({ id }) => id),
  kind: row(({ kind }) => kind),
  content_id: row(({ contentId }) => contentId),
  author_id: row(({ authorId }) => authorId),
  user_id: row(({ userId }) => userId),
  liked_id: row(({ likedId }) => likedId),
  changed_by: row(({ changedBy }) => changedBy),
})

const insertLikes = prepareForAll((db: Db<typeof LikeEntity>, rows: Param<LikeRow>[]) =>
  db.insertInto('content_like').ignore().values(rows.map(toValues)),
)

/** Rows that are locked, so that all of them are there. */
const writeLikes = prepareForAll((db: Db<typeof LikeEntity>, rows: Param<LikeRow>[]) =>
  db
    .insertInto('content_like')
    .values(rows.map(toValues))
    .onDuplicateKeyUpdate(({ fn }) => ({
      liked_id: fn('values', ['liked_id']),
      changed_by: fn('values', ['changed_by']),
    })),
)
