import { type ContentKind, type ContentRef, contentVisited } from '@fanone/contracts'
import { addToOutbox, type Database, type EntityManager } from '@fanone/service-kit'
import { holdContent } from '../content/content.repository.ts'

/** For so long a viewer is not counted again. */
const COUNTED_FOR_MINUTES = 10
const PURGE_CHUNK = 1_000

/** How often content was visited in one hour. */
export interface HourlyVisits {
  kind: ContentKind
  contentId: number
  authorId: number
  /** When the hour begins. */
  hour: Date
  visits: number
}

interface HourRow {
  kind: ContentKind
  content_id: number
  author_id: number
  hour: string
  visits: number
}

/** Who was counted of late, and the totals, of which each hour of each content has one. */
export class VisitRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Counts a visit with its event, unless the viewer was counted within ten minutes. `unknown` where the content is not there.
   *
   * @param viewer at most 40 ASCII characters
   */
  async record(target: ContentRef, viewer: string): Promise<'counted' | 'repeated' | 'unknown'> {
    const key = [target.kind, target.id, viewer]
    const [seen] = await this.#database.em().execute<{ is_fresh: number }[]>(
      `select counted_at > utc_timestamp(3) - interval ${COUNTED_FOR_MINUTES} minute as is_fresh
          from visit where kind = ? and content_id = ? and viewer = ?`,
      key,
    )
    if (seen && Number(seen.is_fresh) === 1) return 'repeated'
    return this.#database.transaction(async (em) => {
      const authorId = await holdContent(em, target)
      if (authorId === undefined) return 'unknown'
      if (!(await mark(em, { key, isThere: seen !== undefined }))) return 'repeated'
      const at = new Date()
      await addToHour(em, { target, authorId, at })
      addToOutbox(this.#database, em, contentVisited, {
        aggregateId: target.id,
        data: { kind: target.kind, contentId: target.id, authorId, at: at.toISOString() },
      })
      return 'counted'
    })
  }

  /** The totals of a kind of content by content and hour. */
  async walk(query: {
    kind: ContentKind
    after: { contentId: number; hour: Date } | undefined
    limit: number
  }): Promise<HourlyVisits[]> {
    const { kind, after, limit } = query
    const rows = await this.#database.em().execute<HourRow[]>(
      `select * from visit_hour where kind = ? and (content_id > ? or (content_id = ? and hour > ?))
        order by content_id, hour limit ?`,
      [kind, after?.contentId ?? 0, after?.contentId ?? 0, after?.hour ?? new Date(0), limit],
    )
    return rows.map((row) => ({
      kind: row.kind,
      contentId: row.content_id,
      authorId: row.author_id,
      hour: new Date(`${String(row.hour).replace(' ', 'T')}Z`),
      visits: row.visits,
    }))
  }

  /** Forgets viewers who may be counted again, some at a time. @returns whether there may be more */
  async purge(): Promise<boolean> {
    const result = await this.#database
      .em()
      .execute<{ affectedRows: number }>(
        `delete from visit where counted_at < utc_timestamp(3) - interval ${COUNTED_FOR_MINUTES} minute limit ${PURGE_CHUNK}`,
        [],
        'run',
      )
    return result.affectedRows === PURGE_CHUNK
  }
}

/** Deletes the totals of content that is gone. */
export async function endVisits(em: EntityManager, { kind, ids }: { kind: ContentKind; ids: number[] }): Promise<void> {
  await em.execute('delete from visit_hour where kind = ? and content_id in (?)', [kind, ids], 'run')
}

/** Marks a viewer as counted now. @returns false where somebody else was faster */
async function mark(em: EntityManager, { key, isThere }: { key: unknown[]; isThere: boolean }): Promise<boolean> {
  // Never one after the other: both would lock in an order that two of the same viewer could not keep.
  const sql = isThere
    ? `update visit set counted_at = utc_timestamp(3) where kind = ? and content_id = ? and viewer = ?
        and counted_at <= utc_timestamp(3) - interval ${COUNTED_FOR_MINUTES} minute`
    : 'insert ignore into visit (kind, content_id, viewer, counted_at) values (?, ?, ?, utc_timestamp(3))'
  const result = await em.execute<{ affectedRows: number }>(sql, key as never, 'run')
  return result.affectedRows === 1
}

async function addToHour(
  em: EntityManager,
  { target, authorId, at }: { target: ContentRef; authorId: number; at: Date },
): Promise<void> {
  const hour = `${at.toISOString().slice(0, 13).replace('T', ' ')}:00:00`
  await em.execute(
    `insert into visit_hour (kind, content_id, hour, author_id, visits) values (?, ?, ?, ?, 1)
      on duplicate key update visits = visits + 1`,
    [target.kind, target.id, hour, authorId],
    'run',
  )
}
