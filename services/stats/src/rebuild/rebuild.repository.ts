import { RebuildReport } from '@fanone/contracts'
import type { Database } from '@fanone/service-kit'
import type { VisitsInHour } from '../counter/changes.ts'
import { contentColumns, markChanged, userColumns } from '../counter/counter.repository.ts'
import { isContent, RANKINGS, readSubject, type Subject, subjectOf } from '../counter/subject.ts'
import type { Expected, Stored } from './compare.ts'

/** A rebuild that says nothing for so long has ended with its process. */
const DEAD_AFTER_SECONDS = 30
const ROWS_PER_PAGE = 10_000

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
  async begin(): Promise<{ id: number; isNew: boolean }> {
    return this.#database.transaction(async (em) => {
      const [running] = await em.execute<{ id: number }[]>(
        `select id from rebuild where state = 'running' and alive_at > utc_timestamp(3) - interval ${DEAD_AFTER_SECONDS} second for update`,
      )
      if (running) return { id: Number(running.id), isNew: false }
      const id = this.#database.newId()
      await em.execute(
        `insert into rebuild (id, state, report, started_at, alive_at) values (?, 'running', ?, utc_timestamp(3), utc_timestamp(3))`,
        [id, JSON.stringify(emptyReport)],
      )
      return { id, isNew: true }
    })
  }

  async keepAlive(id: number): Promise<void> {
    await this.#database.em().execute('update rebuild set alive_at = utc_timestamp(3) where id = ?', [id], 'run')
  }

  async end(id: number, state: 'done' | 'failed', report: RebuildReport): Promise<void> {
    await this.#database
      .em()
      .execute('update rebuild set state = ?, report = ? where id = ?', [state, JSON.stringify(report), id], 'run')
  }

  async find(id: number): Promise<Run | undefined> {
    const [row] = await this.#database
      .em()
      .execute<{ state: Run['state']; report: string; is_dead: number }[]>(
        `select state, report, alive_at < utc_timestamp(3) - interval ${DEAD_AFTER_SECONDS} second as is_dead from rebuild where id = ?`,
        [id],
      )
    if (!row) return undefined
    const report = RebuildReport.parse(JSON.parse(row.report))
    if (row.state === 'running' && Number(row.is_dead) === 1)
      return { id, state: 'failed', report: { ...report, error: 'the instance that did it has ended' } }
    return { id, state: row.state, report }
  }

  /** Everything that is stored. */
  async readAll(): Promise<Map<Subject, Stored>> {
    const stored = new Map<Subject, Stored>()
    for (let after = { kind: '', id: 0 }; ; ) {
      const rows = await this.#database.em().execute<Row[]>(
        `select kind, id, version, is_deleted, ${contentColumns.join()} from content_counter
           where kind > ? or (kind = ? and id > ?) order by kind, id limit ${ROWS_PER_PAGE}`,
        [after.kind, after.kind, after.id],
      )
      for (const row of rows) stored.set(subjectOf(row.kind as 'video', Number(row.id)), toStored(row, contentColumns))
      const last = rows.at(-1)
      if (rows.length < ROWS_PER_PAGE || !last) break
      after = { kind: String(last.kind), id: Number(last.id) }
    }
    for (let afterId = 0; ; ) {
      const rows = await this.#database
        .em()
        .execute<Row[]>(
          `select id, version, ${userColumns.join()} from user_counter where id > ? order by id limit ${ROWS_PER_PAGE}`,
          [afterId],
        )
      for (const row of rows) stored.set(subjectOf('user', Number(row.id)), toStored(row, userColumns))
      const last = rows.at(-1)
      if (rows.length < ROWS_PER_PAGE || !last) return stored
      afterId = Number(last.id)
    }
  }

  /**
   * Sets what a subject counts, if nothing was counted since it was looked at, and has everybody told.
   *
   * @returns whether it was set
   */
  async repair(subject: Subject, seenVersion: number, { counts, isDeleted }: Expected): Promise<boolean> {
    const ref = readSubject(subject)
    const [table, columns] = isContent(ref)
      ? ['content_counter', [...contentColumns, 'is_deleted']]
      : ['user_counter', [...userColumns]]
    const values = isContent(ref) ? [...counts, Number(isDeleted)] : counts
    const key = isContent(ref) ? { kind: ref.kind, id: ref.id } : { id: ref.id }
    return this.#database.transaction(async (em) => {
      const names = [...Object.keys(key), ...columns]
      const result = (await (seenVersion === 0
        ? em.execute(
            `insert ignore into ${table} (${names.join()}, version) values (${names.map(() => '?').join()}, ?)`,
            // A version that nobody has seen: others may remember the row that was here.
            [...Object.values(key), ...values, this.#database.newId()],
            'run',
          )
        : em.execute(
            `update ${table} set ${columns.map((column) => `${column} = ?`).join()}, version = version + 1
             where ${Object.keys(key)
               .map((name) => `${name} = ?`)
               .join(' and ')} and version = ?`,
            [...values, ...Object.values(key), seenVersion],
            'run',
          ))) as { affectedRows: number }
      if (result.affectedRows === 0) return false
      await markChanged(em, [subject, RANKINGS], this.#database.newId())
      return true
    })
  }

  /** Sets the visits of some videos by hour. */
  async repairHours(videoIds: Set<number>, visits: VisitsInHour[]): Promise<void> {
    const wanted = visits.filter(({ videoId }) => videoIds.has(videoId))
    for (const { hour, videoId, visits: count } of wanted) {
      await this.#database
        .em()
        .execute(
          'insert into visit_hour (hour, video_id, visits) values (?, ?, ?) on duplicate key update visits = values(visits)',
          [hour, videoId, count],
          'run',
        )
    }
  }
}

type Row = Record<string, number | string>

function toStored(row: Row, columns: readonly string[]): Stored {
  return {
    version: Number(row.version),
    counts: columns.map((column) => Number(row[column])),
    isDeleted: Number(row.is_deleted ?? 0) === 1,
  }
}
