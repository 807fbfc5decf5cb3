import { type ContentKind, type ContentRef, contentLiked, contentUnliked } from '@fanone/contracts'
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
  prepare,
  prepareForAll,
  readThenChange,
  withMark,
  writeAll,
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
    return inRounds(calls, keyOfCall, (round) => {
      // Alone it is nearly always a first like, and looking for the row a quarter of what it costs.
      const expected: Found | undefined = round.length === 1 ? new Map() : undefined
      return this.#inTransaction(round, { expected, isAsWanted: isLiked, change: this.#addLikes })
    })
  }

  /** Ends likes with an event each, or changes nothing. */
  unlike(calls: LikeCall[]): Promise<LikeOutcome[]> {
    return inRounds(calls, keyOfCall, (round) =>
      this.#inTransaction(round, { isAsWanted: isNotLiked, change: this.#endLikes }),
    )
  }

  /**
   * Changes what is not as it is to be, read anew in every try.
   *
   * @param steps.expected what the first try takes for read
   * @param steps.isAsWanted of what was read
   * @param steps.change leaves out what it cannot change
   */
  async #inTransaction(
    calls: LikeCall[],
    steps: {
      expected?: Found | undefined
      isAsWanted: (row: LikeRow | undefined) => boolean
      change: (em: EntityManager, calls: LikeCall[], found: Found) => Promise<ReadonlySet<LikeCall>>
    },
  ): Promise<LikeOutcome[]> {
    const { expected, isAsWanted, change } = steps
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
      expected,
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
    const { old = [], added = [] } = Object.groupBy(changes, ({ call }) =>
      found.has(keyOfCall(call)) ? 'old' : 'added',
    )
    await changeRows(em, old, found)
    await insertAll(em, added.map(({ row }) => row).toSorted(byKey), insertLikes)
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
const keyOfRow = ({ kind, contentId, userId }: Pick<LikeRow, 'kind' | 'contentId' | 'userId'>) =>
  keyOf(kind, contentId, userId)
const byKey = (one: LikeRow, other: LikeRow) => (keyOfRow(one) < keyOfRow(other) ? -1 : 1)
const isLiked = (row: LikeRow | undefined) => (row?.likedId ?? null) !== null
const sameMarks = (one: Pick<LikeRow, 'changedBy'> | undefined, other: Pick<LikeRow, 'changedBy'>) =>
  one !== undefined && Buffer.compare(one.changedBy, other.changedBy) === 0
const isNotLiked = (row: LikeRow | undefined) => !isLiked(row)

async function findLikes(em: EntityManager, calls: LikeCall[]): Promise<Found> {
  const { rows } = await selectLikes(em, calls)
  return new Map(rows.map((row) => [keyOfRow(row), row]))
}

/** @throws TransactionConflict where another call has changed one since it was read */
function changeRows(em: EntityManager, changes: Change[], found: Found): Promise<void> {
  const rows = changes.map(({ row }) => row).toSorted((one, other) => one.id - other.id)
  return writeAll(em, rows, {
    lock: lockLikes,
    isUnchanged: (row) => sameMarks(found.get(keyOfRow(row)), row),
    write: writeLikes,
  })
}

const columns = columnsOf(LikeEntity)

const selectLikes = prepareForAll((db: Db<typeof LikeEntity>, calls: Param<LikeCall>[]) =>
  db
    .selectFrom('content_like')
    .select(columns)
    .where((eb) =>
      hasAnyKey(eb, calls, {
        kind: ({ target }) => target.kind,
        content_id: ({ target }) => target.id,
        user_id: ({ userId }) => userId,
      }),
    ),
)

const lockLikes = prepare((db: Db<typeof LikeEntity>, param: Param<readonly LikeRow[]>) =>
  db
    .selectFrom('content_like')
    .select(['id', 'kind', 'content_id as contentId', 'user_id as userId', 'changed_by as changedBy'])
    .where(
      'id',
      'in',
      param((rows) => rows.map(({ id }) => id)),
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
