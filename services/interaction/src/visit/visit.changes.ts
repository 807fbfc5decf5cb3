import { type ContentRef, contentVisited } from '@fanone/contracts'
import {
  addToOutbox,
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
  sql,
  writeAll,
} from '@fanone/service-kit'
import { holdContents } from '../content/content.repository.ts'
import type { VisitEntity, VisitHourEntity, VisitHourRow } from './visit.entity.ts'

/** A viewer is not counted again for this long. */
const COUNTED_FOR_MINUTES = 10
const HOUR_MS = 60 * 60 * 1_000

/** By the server's clock, which all instances share. */
const now = sql<Date>`utc_timestamp(3)`
export const whenCountedAgain = sql<Date>`utc_timestamp(3) - interval ${sql.lit(COUNTED_FOR_MINUTES)} minute`

/** A viewer of some content; `mark` names the call. */
export interface Viewing {
  target: ContentRef
  /** At most 40 ASCII characters. */
  viewer: string
  mark: Buffer
  /** Tells of the event in the trace of the call. */
  within: <Result>(work: () => Result) => Result
}

/**
 * `unknown` if the content does not exist; `counted` also for a repeat of the call that was
 * counted.
 */
export type VisitOutcome = 'counted' | 'repeated' | 'unknown'

type Seen = ReadonlyMap<string, { isRecent: unknown; countedBy: Uint8Array }>

/**
 * Counts visits, many in one transaction. Rows are locked in the order of their keys: content, old
 * viewers, new ones, hours. So two groups never wait for each other.
 */
export class VisitChanges {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Counts visits with an event each, unless their viewer was counted within ten minutes. */
  record(viewings: Viewing[]): Promise<VisitOutcome[]> {
    return inRounds(viewings, keyOfViewing, (round) => this.#record(round))
  }

  async #record(viewings: Viewing[]): Promise<VisitOutcome[]> {
    const answersOf = (outcomes: Map<Viewing, VisitOutcome>) =>
      viewings.map((viewing) => outcomes.get(viewing) ?? 'unknown')
    return readThenChange(this.#database, {
      read: (em) => findSeen(em, viewings),
      settle: (seen) => {
        const outcomes = judge(viewings, seen)
        return outcomes.size === viewings.length ? answersOf(outcomes) : undefined
      },
      change: async (em, seen) => {
        const outcomes = judge(viewings, seen)
        const open = viewings.filter((viewing) => !outcomes.has(viewing))
        for (const viewing of await this.#count(em, open, seen)) outcomes.set(viewing, 'counted')
        return answersOf(outcomes)
      },
    })
  }

  /** @returns those whose content exists */
  async #count(em: EntityManager, viewings: Viewing[], seen: Seen): Promise<Viewing[]> {
    const authors = await holdContents(
      em,
      viewings.map(({ target }) => target),
    )
    const there = viewings.filter(({ target }) => authors(target) !== undefined).toSorted(byKey)
    const { again = [], first = [] } = Object.groupBy(there, (one) => (seen.has(keyOfViewing(one)) ? 'again' : 'first'))
    await writeAll(em, again, { lock: lockOld, write })
    await insertAll(em, first, insert)
    const at = new Date()
    const facts = there.map(({ target: { kind, id: contentId } }) => ({
      kind,
      contentId,
      authorId: authors({ kind, id: contentId }) as number,
    }))
    await addToHours(em, facts, new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS))
    for (const [index, { within }] of there.entries()) {
      const visit = facts[index] as (typeof facts)[number]
      within(() => addToOutbox(this.#database, em, contentVisited, { ...visit, at: at.toISOString() }))
    }
    return there
  }
}

const keyOf = (kind: string, contentId: number, viewer: string) => `${kind} ${contentId} ${viewer}`
const keyOfViewing = ({ target, viewer }: Viewing) => keyOf(target.kind, target.id, viewer)
const byKey = (one: Viewing, other: Viewing) => (keyOfViewing(one) < keyOfViewing(other) ? -1 : 1)

/** What those have to hear that were counted within ten minutes. */
function judge(viewings: Viewing[], seen: Seen): Map<Viewing, VisitOutcome> {
  const outcomes = new Map<Viewing, VisitOutcome>()
  for (const viewing of viewings) {
    const row = seen.get(keyOfViewing(viewing))
    if (row?.isRecent) outcomes.set(viewing, hasMark(row.countedBy, viewing.mark) ? 'counted' : 'repeated')
  }
  return outcomes
}

async function findSeen(em: EntityManager, viewings: Viewing[]): Promise<Seen> {
  const { rows } = await select(em, viewings)
  return new Map(rows.map(({ kind, contentId, viewer, ...row }) => [keyOf(kind, contentId, viewer), row]))
}

async function addToHours(
  em: EntityManager,
  facts: Pick<VisitHourRow, 'kind' | 'contentId' | 'authorId'>[],
  hour: Date,
): Promise<void> {
  if (facts.length === 0) return
  const rows = Map.groupBy(facts, ({ kind, contentId }) => `${kind} ${contentId}`)
    .values()
    .map((all) => ({ ...(all[0] as (typeof facts)[number]), hour, visits: all.length }))
    .toArray()
  await addHours(
    em,
    rows.toSorted((one, other) =>
      one.kind === other.kind ? one.contentId - other.contentId : one.kind < other.kind ? -1 : 1,
    ),
  )
}

const ofViewings = (db: Db<typeof VisitEntity>, viewings: Param<Viewing>[]) =>
  db.selectFrom('visit').where((eb) =>
    hasAnyKey(eb, viewings, {
      kind: ({ target }) => target.kind,
      content_id: ({ target }) => target.id,
      viewer: ({ viewer }) => viewer,
    }),
  )

const select = prepareForAll((db: Db<typeof VisitEntity>, viewings: Param<Viewing>[]) =>
  ofViewings(db, viewings)
    .select(['kind', 'content_id as contentId', 'viewer', 'counted_by as countedBy'])
    .select((eb) => eb('counted_at', '>', whenCountedAgain).as('isRecent')),
)

const lockOld = prepareForAll((db: Db<typeof VisitEntity>, viewings: Param<Viewing>[]) =>
  ofViewings(db, viewings)
    .select('viewer')
    .where('counted_at', '<=', whenCountedAgain)
    .orderBy('kind')
    .orderBy('content_id')
    .orderBy('viewer')
    .forUpdate(),
)

const toValues = (viewing: Param<Viewing>) => ({
  kind: viewing(({ target }) => target.kind),
  content_id: viewing(({ target }) => target.id),
  viewer: viewing(({ viewer }) => viewer),
  counted_at: now,
  counted_by: viewing(({ mark }) => mark),
})

const insert = prepareForAll((db: Db<typeof VisitEntity>, viewings: Param<Viewing>[]) =>
  db.insertInto('visit').ignore().values(viewings.map(toValues)),
)

/** Rows that are locked, so that all of them are there. */
const write = prepareForAll((db: Db<typeof VisitEntity>, viewings: Param<Viewing>[]) =>
  db
    .insertInto('visit')
    .values(viewings.map(toValues))
    .onDuplicateKeyUpdate(({ fn }) => ({
      counted_at: fn('values', ['counted_at']),
      counted_by: fn('values', ['counted_by']),
    })),
)

const addHours = prepareForAll((db: Db<typeof VisitHourEntity>, rows: Param<VisitHourRow>[]) =>
  db
    .insertInto('visit_hour')
    .values(
      rows.map((row) => ({
        kind: row(({ kind }) => kind),
        content_id: row(({ contentId }) => contentId),
        hour: row(({ hour }) => hour),
        author_id: row(({ authorId }) => authorId),
        visits: row(({ visits }) => visits),
      })),
    )
    .onDuplicateKeyUpdate(({ eb, fn }) => ({ visits: eb('visits', '+', fn<number>('values', ['visits'])) })),
)
