import { type EventData, type RankingPeriod, rankingUpdated } from '@fanone/contracts'
import { addToOutbox, type Database, kysely } from '@fanone/service-kit'
import { ChangedCounterEntity, type ContentCounterEntity, VisitHourEntity } from '../counter/counter.entity.ts'
import { RANKINGS } from '../counter/subject.ts'
import { RankingEntity } from './ranking.entity.ts'

export type Ranking = EventData<typeof rankingUpdated>
type Item = Ranking['items'][number]

/** How long a ranking is. */
const LENGTH = 500
/** Hours in a ranking, counting the current one: "hour" is between one and two hours. */
export const hoursOf = { hour: 2, day: 24, week: 7 * 24 } as const
/** Hours kept at least. */
const KEPT_HOURS = hoursOf.week + 1

/** Rankings and the visits they are made from. */
export class RankingRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** The last published ranking, with version 0 before the first. */
  async read(period: RankingPeriod): Promise<Omit<Ranking, 'version'> & { version: number }> {
    const row = await this.#database.em().findOne(RankingEntity, { period }, { disableIdentityMap: true })
    if (!row) return { period, version: 0, at: new Date(0).toISOString(), items: [] }
    const { version, computedAt, items } = row
    return { period, version, at: computedAt.toISOString(), items: JSON.parse(items) as Item[] }
  }

  /** The mark of the last visit, or undefined where there was none since `forget`. */
  async changedMark(): Promise<number | undefined> {
    const query = { subject: RANKINGS }
    const row = await this.#database.em().findOne(ChangedCounterEntity, query, { disableIdentityMap: true })
    return row?.mark
  }

  async forgetChange(mark: number): Promise<void> {
    await this.#database.em().nativeDelete(ChangedCounterEntity, { subject: RANKINGS, mark })
  }

  /** The most visited videos now, of those that are not deleted. @param hour hours since 1970 */
  async compute(period: RankingPeriod, hour: number): Promise<Item[]> {
    return period === 'all' ? this.#mostVisited() : this.#mostVisitedSince(hour - hoursOf[period])
  }

  #mostVisited(): Promise<Item[]> {
    return kysely<typeof ContentCounterEntity>(this.#database.em())
      .selectFrom('content_counter')
      .select(['id as videoId', 'visits'])
      .where('kind', '=', 'video')
      .where('is_deleted', '=', 0)
      .where('visits', '>', 0)
      .orderBy('visits', 'desc')
      .orderBy('id', 'desc')
      .limit(LENGTH)
      .execute()
  }

  async #mostVisitedSince(hour: number): Promise<Item[]> {
    const rows = await kysely<typeof ContentCounterEntity | typeof VisitHourEntity>(this.#database.em())
      .selectFrom('visit_hour as h')
      .innerJoin('content_counter as c', 'c.id', 'h.video_id')
      .select(['h.video_id as videoId', ({ fn }) => fn.sum('h.visits').as('sum')])
      .where('h.hour', '>', hour)
      .where('c.kind', '=', 'video')
      .where('c.is_deleted', '=', 0)
      .groupBy('h.video_id')
      .orderBy('sum', 'desc')
      .orderBy('h.video_id', 'desc')
      .limit(LENGTH)
      .execute()
    // A sum is a decimal, which the driver gives as text.
    return rows.map(({ videoId, sum }) => ({ videoId, visits: Number(sum) }))
  }

  /** Commits a new ranking together with its event. */
  async replace(period: RankingPeriod, items: Item[]): Promise<void> {
    await this.#database.transaction(async (em) => {
      const at = new Date()
      const rankings = kysely<typeof RankingEntity>(em)
      await rankings
        .insertInto('ranking')
        .values({ period, version: 1, items: JSON.stringify(items), computed_at: at })
        .onDuplicateKeyUpdate((eb) => ({
          version: eb('version', '+', 1),
          items: eb.fn<string>('values', ['items']),
          computed_at: at,
        }))
        .execute()
      const { version } = await rankings
        .selectFrom('ranking')
        .select('version')
        .where('period', '=', period)
        .executeTakeFirstOrThrow()
      addToOutbox(this.#database, em, rankingUpdated, { period, version, at: at.toISOString(), items })
    })
  }

  /** Deletes the hours that no ranking looks at any more. */
  async forgetHours(hour: number): Promise<void> {
    await this.#database.em().nativeDelete(VisitHourEntity, { hour: { $lt: hour - KEPT_HOURS } })
  }
}
