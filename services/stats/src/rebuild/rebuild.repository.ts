import { type ContentRef, RebuildReport } from '@fanone/contracts'
import { chunksOf, type Database, type EntityManager, kysely, runOnce, sql, walkAll } from '@fanone/service-kit'
import type { VisitsInHour } from '../counter/changes.ts'
import {
  ContentCounterEntity,
  type ContentCounterRow,
  UserCounterEntity,
  type UserCounterRow,
  VisitHourEntity,
} from '../counter/counter.entity.ts'
import { type CounterValues, markChanged, toContentValues, toUserValues } from '../counter/counter.repository.ts'
import { isContent, RANKINGS, readSubject, type Subject, subjectOf } from '../counter/subject.ts'
import type { Expected, Stored } from './compare.ts'
import { RebuildEntity } from './rebuild.entity.ts'

/** A rebuild that renews nothing for this long has ended with its process. */
const DEAD_AFTER_SECONDS = 30
const ROWS_PER_PAGE = 10_000
const HOURS_AT_A_TIME = 500

/** By the server's clock, which all instances share. */
const now = sql<Date>`utc_timestamp(3)`
const longAgo = sql<Date>`utc_timestamp(3) - interval ${sql.lit(DEAD_AFTER_SECONDS)} second`

export interface Run {
  id: number
  state: 'running' | 'done' | 'failed'
  report: RebuildReport
}

export const emptyReport: RebuildReport = {
  checked: { contents: 0, users: 0 },
  drift: {},
  repaired: 0,
  unsettled: 0,
}

/** The counters as a rebuild sees and repairs them, and the rebuilds themselves. */
export class RebuildRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** @returns the run that begins, or the one that is under way in any instance */
  async begin(key: string | undefined): Promise<{ id: number; isNew: boolean }> {
    const call = { operation: 'rebuilds.start', identity: undefined, key, input: {} }
    let begunId: number | undefined
    const { id } = await runOnce(this.#database, call, async (em) => {
      const runs = kysely<typeof RebuildEntity>(em)
      const running = await runs
        .selectFrom('rebuild')
        .select('id')
        .where('state', '=', 'running')
        .where('alive_at', '>', longAgo)
        .forUpdate()
        .executeTakeFirst()
      if (running) return { id: running.id }
      begunId = this.#database.newId()
      const report = JSON.stringify(emptyReport)
      await runs
        .insertInto('rebuild')
        .values({ id: begunId, state: 'running', report, started_at: now, alive_at: now })
        .execute()
      return { id: begunId }
    })
    return { id, isNew: id === begunId }
  }

  async keepAlive(id: number): Promise<void> {
    await this.#runs.updateTable('rebuild').set({ alive_at: now }).where('id', '=', id).execute()
  }

  async end(id: number, state: 'done' | 'failed', report: RebuildReport): Promise<void> {
    await this.#database.em().nativeUpdate(RebuildEntity, { id }, { state, report: JSON.stringify(report) })
  }

  async find(id: number): Promise<Run | undefined> {
    const row = await this.#runs
      .selectFrom('rebuild')
      .select(['state', 'report', (eb) => eb('alive_at', '<', longAgo).as('isDead')])
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return undefined
    const report = RebuildReport.parse(JSON.parse(row.report))
    if (row.state === 'running' && row.isDead)
      return { id, state: 'failed', report: { ...report, error: 'the instance that did it has ended' } }
    return { id, state: row.state, report }
  }

  /** Everything that is stored. */
  async readAll(): Promise<Map<Subject, Stored>> {
    const stored = new Map<Subject, Stored>()
    for await (const rows of walkAll(ROWS_PER_PAGE, (after?: ContentCounterRow) => this.#contentsBehind(after)))
      for (const row of rows) stored.set(subjectOf(row.kind, row.id), toStored(toContentValues(row), row.isDeleted))
    for await (const rows of walkAll(ROWS_PER_PAGE, (after?: UserCounterRow) => this.#usersBehind(after)))
      for (const row of rows) stored.set(subjectOf('user', row.id), toStored(toUserValues(row), false))
    return stored
  }

  /**
   * Sets the counters of a subject unless they changed since they were read, and lists it for
   * emission.
   *
   * @returns whether they were set
   */
  repair(subject: Subject, seenVersion: number, expected: Expected): Promise<boolean> {
    const ref = readSubject(subject)
    return this.#database.transaction(async (em) => {
      const isSet = isContent(ref)
        ? await setContent(em, { ...ref, version: seenVersion }, expected, this.#database.newId())
        : await setUser(em, { id: ref.id, version: seenVersion }, expected, this.#database.newId())
      if (isSet) await markChanged(em, [subject, RANKINGS], this.#database.newId())
      return isSet
    })
  }

  /** Sets the visits of some videos by hour. */
  async repairHours(videoIds: Set<number>, visits: VisitsInHour[]): Promise<void> {
    const wanted = visits.filter(({ videoId }) => videoIds.has(videoId))
    for (const some of chunksOf(wanted, HOURS_AT_A_TIME))
      await this.#database.em().upsertMany(VisitHourEntity, some, { onConflictMergeFields: ['visits'] })
  }

  get #runs() {
    return kysely<typeof RebuildEntity>(this.#database.em())
  }

  #contentsBehind(after: ContentCounterRow | undefined): Promise<ContentCounterRow[]> {
    return this.#database
      .em()
      .find(
        ContentCounterEntity,
        after ? { $or: [{ kind: { $gt: after.kind } }, { kind: after.kind, id: { $gt: after.id } }] } : {},
        { orderBy: { kind: 'asc', id: 'asc' }, limit: ROWS_PER_PAGE, disableIdentityMap: true },
      )
  }

  #usersBehind(after: UserCounterRow | undefined): Promise<UserCounterRow[]> {
    return this.#database
      .em()
      .find(
        UserCounterEntity,
        { id: { $gt: after?.id ?? 0 } },
        { orderBy: { id: 'asc' }, limit: ROWS_PER_PAGE, disableIdentityMap: true },
      )
  }
}

/**
 * @param seen the state that was read; version 0 if there was no row
 * @param newVersion version of a new row: an unused one, because consumers may remember a former
 *   row
 */
async function setContent(
  em: EntityManager,
  seen: ContentRef & { version: number },
  { counts, isDeleted }: Expected,
  newVersion: number,
): Promise<boolean> {
  const [likes = 0, comments = 0, visits = 0] = counts
  const values = { likes, comments, visits, isDeleted }
  if (seen.version !== 0)
    return (await em.nativeUpdate(ContentCounterEntity, seen, { ...values, version: seen.version + 1 })) === 1
  const row = { kind: seen.kind, id: seen.id, likes, comments, visits, is_deleted: isDeleted, version: newVersion }
  const { numInsertedOrUpdatedRows } = await kysely<typeof ContentCounterEntity>(em)
    .insertInto('content_counter')
    .ignore()
    .values(row)
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** As `setContent`. */
async function setUser(
  em: EntityManager,
  seen: { id: number; version: number },
  { counts }: Expected,
  newVersion: number,
): Promise<boolean> {
  const [works = 0, likesReceived = 0, likesGiven = 0, following = 0, followers = 0] = counts
  const values = { works, likesReceived, likesGiven, following, followers }
  if (seen.version !== 0)
    return (await em.nativeUpdate(UserCounterEntity, seen, { ...values, version: seen.version + 1 })) === 1
  const { numInsertedOrUpdatedRows } = await kysely<typeof UserCounterEntity>(em)
    .insertInto('user_counter')
    .ignore()
    .values({
      id: seen.id,
      works,
      likes_received: likesReceived,
      likes_given: likesGiven,
      following,
      followers,
      version: newVersion,
    })
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

const toStored = ({ version, counts }: CounterValues, isDeleted: boolean): Stored => ({ version, counts, isDeleted })
