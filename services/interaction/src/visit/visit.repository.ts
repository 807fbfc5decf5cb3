import { type ContentKind, type ContentRef, contentVisited } from '@fanone/contracts'
import { addToOutbox, columnsOf, type Database, type EntityManager, hasMark, kysely, sql } from '@fanone/service-kit'
import { holdContent } from '../content/content.repository.ts'
import { type VisitEntity, VisitHourEntity, type VisitHourRow } from './visit.entity.ts'

/** A viewer is not counted again for this long. */
const COUNTED_FOR_MINUTES = 10
const PURGE_CHUNK = 1_000
const HOUR_MS = 60 * 60 * 1_000

/** By the server's clock, which all instances share. */
const now = sql<Date>`utc_timestamp(3)`
const whenCountedAgain = sql<Date>`utc_timestamp(3) - interval ${sql.lit(COUNTED_FOR_MINUTES)} minute`
const hourColumns = columnsOf(VisitHourEntity)

/** A viewer of some content; `mark` names the call. */
export interface Viewing {
  target: ContentRef
  /** At most 40 ASCII characters. */
  viewer: string
  mark: Buffer
}

/** Recently counted viewers, and visits of each content by the hour. */
export class VisitRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Counts a visit with its event, unless the viewer was counted within ten minutes. `unknown` if
   * the content does not exist; `counted` also for a repeat of the call that was counted.
   */
  async record(viewing: Viewing): Promise<'counted' | 'repeated' | 'unknown'> {
    const { target, viewer } = viewing
    const seen = await kysely<typeof VisitEntity>(this.#database.em())
      .selectFrom('visit')
      .select((eb) => [eb('counted_at', '>', whenCountedAgain).as('isRecent'), 'counted_by as countedBy'])
      .where('kind', '=', target.kind)
      .where('content_id', '=', target.id)
      .where('viewer', '=', viewer)
      .executeTakeFirst()
    if (seen?.isRecent) return hasMark(seen.countedBy, viewing.mark) ? 'counted' : 'repeated'
    const outcome = await this.#database.transaction(async (em) => {
      const authorId = await holdContent(em, target)
      if (authorId === undefined) return 'unknown'
      const isCounted = seen ? await countAgain(em, viewing) : await countFirst(em, viewing)
      if (!isCounted) return 'outrun'
      const at = new Date()
      await addToHour(em, { target, authorId, at })
      addToOutbox(this.#database, em, contentVisited, {
        kind: target.kind,
        contentId: target.id,
        authorId,
        at: at.toISOString(),
      })
      return 'counted'
    })
    return outcome === 'outrun' ? this.record(viewing) : outcome
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

/**
 * Counts a new viewer. Never together with `countAgain`: concurrent calls of one viewer would lock
 * in different orders.
 *
 * @returns false if another call of the same viewer was faster
 */
async function countFirst(em: EntityManager, { target, viewer, mark }: Viewing): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await kysely<typeof VisitEntity>(em)
    .insertInto('visit')
    .ignore()
    .values({ kind: target.kind, content_id: target.id, viewer, counted_at: now, counted_by: mark })
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/**
 * Counts a viewer whose last visit was long ago.
 *
 * @returns false if another call of the same viewer was faster
 */
async function countAgain(em: EntityManager, { target, viewer, mark }: Viewing): Promise<boolean> {
  const { numUpdatedRows } = await kysely<typeof VisitEntity>(em)
    .updateTable('visit')
    .set({ counted_at: now, counted_by: mark })
    .where('kind', '=', target.kind)
    .where('content_id', '=', target.id)
    .where('viewer', '=', viewer)
    .where('counted_at', '<=', whenCountedAgain)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

async function addToHour(
  em: EntityManager,
  { target, authorId, at }: { target: ContentRef; authorId: number; at: Date },
): Promise<void> {
  const hour = new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS)
  await kysely<typeof VisitHourEntity>(em)
    .insertInto('visit_hour')
    .values({ kind: target.kind, content_id: target.id, hour, author_id: authorId, visits: 1 })
    .onDuplicateKeyUpdate((eb) => ({ visits: eb('visits', '+', 1) }))
    .execute()
}
