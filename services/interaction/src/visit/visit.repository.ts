import type { ContentKind } from '@fanone/contracts'
import { columnsOf, type Database, type EntityManager, kysely } from '@fanone/service-kit'
import { whenCountedAgain } from './visit.changes.ts'
import { type VisitEntity, VisitHourEntity, type VisitHourRow } from './visit.entity.ts'

const PURGE_CHUNK = 1_000

const hourColumns = columnsOf(VisitHourEntity)

/** Visits of each content by the hour; counted by `VisitChanges`. */
export class VisitRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** The totals of a kind of content by content and hour. */
  async walk(query: {
    kind: ContentKind
    after: { contentId: number; hour: Date } | undefined
    limit: number
  }): Promise<VisitHourRow[]> {
    const { kind, after = { contentId: 0, hour: new Date(0) }, limit } = query
    return kysely<typeof VisitHourEntity>(this.#database.em())
      .selectFrom('visit_hour')
      .select(hourColumns)
      .where('kind', '=', kind)
      .where(({ eb, or, and }) =>
        or([
          eb('content_id', '>', after.contentId),
          and([eb('content_id', '=', after.contentId), eb('hour', '>', after.hour)]),
        ]),
      )
      .orderBy('content_id')
      .orderBy('hour')
      .limit(limit)
      .execute()
  }

  /**
   * Deletes some viewers that may be counted again.
   *
   * @returns whether there may be more
   */
  async purge(): Promise<boolean> {
    const { numDeletedRows } = await kysely<typeof VisitEntity>(this.#database.em())
      .deleteFrom('visit')
      .where('counted_at', '<', whenCountedAgain)
      .limit(PURGE_CHUNK)
      .executeTakeFirst()
    return Number(numDeletedRows) === PURGE_CHUNK
  }
}

/** Deletes the totals of content that is gone. */
export async function deleteVisitsOf(
  em: EntityManager,
  { kind, ids }: { kind: ContentKind; ids: number[] },
): Promise<void> {
  await em.nativeDelete(VisitHourEntity, { kind, contentId: ids })
}
