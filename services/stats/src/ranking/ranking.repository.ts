import { type EventData, type RankingPeriod, rankingUpdated } from '@fanone/contracts'
import { addToOutbox, type Database, withServerLock } from '@fanone/service-kit'
import { RANKINGS } from '../counter/subject.ts'

export type Ranking = EventData<typeof rankingUpdated>
type Item = Ranking['items'][number]

/** How long a ranking is. */
const LENGTH = 500
/** Hours that a ranking looks at, the one that has just begun counted as one: "hour" is between one and two hours. */
export const hoursOf = { hour: 2, day: 24, week: 7 * 24 } as const
/** Hours kept at least. */
const KEPT_HOURS = hoursOf.week + 1

/** The rankings, and the visits they are made of. */
export class RankingRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Runs `work` unless another instance does. */
  async alone(work: () => Promise<void>): Promise<void> {
    await withServerLock(this.#database.orm, { name: 'rankings', waitSeconds: 0 }, work)
  }

  /** A ranking as it was told last, with version 0 before the first time. */
  async read(period: RankingPeriod): Promise<Omit<Ranking, 'version'> & { version: number }> {
    const [row] = await this.#database
      .em()
      .execute<{ version: number; items: string; computed_at: Date | string }[]>(
        'select version, items, computed_at from ranking where period = ?',
        [period],
      )
    if (!row) return { period, version: 0, at: new Date(0).toISOString(), items: [] }
    const at = new Date(`${String(row.computed_at).replace(' ', 'T')}Z`).toISOString()
    return { period, version: Number(row.version), at, items: JSON.parse(row.items) as Item[] }
  }

  /** The mark of the last visit, or undefined where there was none since `forget`. */
  async changedMark(): Promise<number | undefined> {
    const [row] = await this.#database
      .em()
      .execute<{ mark: number }[]>('select mark from changed_counter where subject = ?', [RANKINGS])
    return row && Number(row.mark)
  }

  async forgetChange(mark: number): Promise<void> {
    await this.#database
      .em()
      .execute('delete from changed_counter where subject = ? and mark = ?', [RANKINGS, mark], 'run')
  }

  /** The most visited videos now, of those that are not deleted. @param hour hours since 1970 */
  async compute(period: RankingPeriod, hour: number): Promise<Item[]> {
    const em = this.#database.em()
    const rows =
      period === 'all'
        ? await em.execute<Row[]>(
            `select id as video_id, visits from content_counter
             where kind = 'video' and is_deleted = 0 and visits > 0 order by visits desc, id desc limit ${LENGTH}`,
          )
        : await em.execute<Row[]>(
            `select h.video_id, sum(h.visits) as visits from visit_hour h
             join content_counter c on c.kind = 'video' and c.id = h.video_id and c.is_deleted = 0
             where h.hour > ? group by h.video_id order by visits desc, h.video_id desc limit ${LENGTH}`,
            [hour - hoursOf[period]],
          )
    return rows.map((row) => ({ videoId: Number(row.video_id), visits: Number(row.visits) }))
  }

  /** Commits a new ranking together with its event. */
  async replace(period: RankingPeriod, items: Item[]): Promise<void> {
    await this.#database.transaction(async (em) => {
      const at = new Date()
      const columns = [period, JSON.stringify(items), at]
      await em.execute(
        `insert into ranking (period, version, items, computed_at) values (?, 1, ?, ?)
         on duplicate key update version = version + 1, items = values(items), computed_at = values(computed_at)`,
        columns,
      )
      const [row] = await em.execute<{ version: number }[]>('select version from ranking where period = ?', [period])
      const version = Number(row?.version)
      const data = { period, version, at: at.toISOString(), items }
      addToOutbox(this.#database, em, rankingUpdated, { aggregateId: aggregateOf[period], data })
    })
  }

  /** Deletes the hours that no ranking looks at any more. */
  async forgetHours(hour: number): Promise<void> {
    await this.#database.em().execute('delete from visit_hour where hour < ?', [hour - KEPT_HOURS], 'run')
  }
}

interface Row {
  video_id: number | string
  visits: number | string
}

/** So that the events of one period keep their order. */
const aggregateOf = { hour: 1, day: 2, week: 3, all: 4 } as const
