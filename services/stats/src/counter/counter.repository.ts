import type { ContentKind } from '@fanone/contracts'
import { applyBatchOnce, type Database, type Delivery, type EntityManager, type Handled } from '@fanone/service-kit'
import type { ContentChange, CounterChanges, UserChange, VisitsInHour } from './changes.ts'
import { isContent, RANKINGS, readSubject, type Subject, subjectOf } from './subject.ts'

/** The counters of one subject: `[likes, comments, visits]` of content, `[works, …]` as in `userColumns` of a user. */
export interface CounterValues {
  version: number
  counts: number[]
}

export const contentColumns = ['likes', 'comments', 'visits'] as const
export const userColumns = ['works', 'likes_received', 'likes_given', 'following', 'followers'] as const

/** The counters in MySQL, which are the truth. */
export class CounterRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Applies what a batch of events counts, each event once, in one transaction.
   *
   * @param count what the events that are new count
   */
  applyOnce<Delivered extends Pick<Delivery, 'event'>>(
    deliveries: Delivered[],
    count: (fresh: Delivered[]) => CounterChanges,
  ): Promise<Handled[]> {
    return applyBatchOnce(this.#database, deliveries, (em, fresh) => this.add(em, count(fresh)))
  }

  /** Adds changes to the counters. Every transaction goes through the tables, and through the rows of each, in the same order. */
  async add(em: EntityManager, changes: CounterChanges): Promise<void> {
    const [contents, users, visits] = [changes.contents(), changes.users(), changes.visits()]
    await addToContents(em, contents)
    await addToUsers(em, users)
    await addToHours(em, visits)
    const subjects = [
      ...contents.map(({ kind, id }) => subjectOf(kind, id)),
      ...users.map(({ id }) => subjectOf('user', id)),
      ...(visits.length > 0 || contents.some(({ isDeleted }) => isDeleted) ? [RANKINGS] : []),
    ]
    await markChanged(em, subjects, this.#database.newId())
  }

  /** What is counted for these subjects; those nothing was ever counted for are left out. One statement for each kind. */
  async read(subjects: Subject[]): Promise<Map<Subject, CounterValues>> {
    const refs = subjects.map(readSubject)
    const found = new Map<Subject, CounterValues>()
    for (const [kind, group] of Map.groupBy(refs, (ref) => ref.kind)) {
      const ids = group.map(({ id }) => id)
      const rows = isContent({ kind, id: 0 }) ? await this.#contents(kind as ContentKind, ids) : await this.#users(ids)
      for (const row of rows) found.set(subjectOf(kind, Number(row.id)), toValues(row))
    }
    return found
  }

  /** Everything that is counted of one kind of content, above `afterId` in id order. */
  async walk(query: {
    kind: ContentKind
    afterId: number
    limit: number
  }): Promise<({ id: number } & CounterValues)[]> {
    const { kind, afterId, limit } = query
    const rows = await this.#database
      .em()
      .execute<CounterRow[]>(
        `select id, version, ${contentColumns.join()} from content_counter where kind = ? and id > ? order by id limit ?`,
        [kind, afterId, limit],
      )
    return rows.map((row) => ({ id: Number(row.id), ...toValues(row) }))
  }

  #contents(kind: ContentKind, ids: number[]): Promise<CounterRow[]> {
    const columns = contentColumns.join()
    return this.#database
      .em()
      .execute(`select id, version, ${columns} from content_counter where kind = ? and id in (${ids.join()})`, [kind])
  }

  #users(ids: number[]): Promise<CounterRow[]> {
    const columns = userColumns.join()
    return this.#database.em().execute(`select id, version, ${columns} from user_counter where id in (${ids.join()})`)
  }
}

type CounterRow = Record<string, number | string>

/** A counter shown is never below zero: a like whose end came first is about to arrive. */
function toValues({ id: _, version, ...counts }: CounterRow): CounterValues {
  return { version: Number(version), counts: Object.values(counts).map((count) => Math.max(0, Number(count))) }
}

async function addToContents(em: EntityManager, changes: ContentChange[]): Promise<void> {
  const rows = changes.map((one) => [one.kind, one.id, one.likes, one.comments, one.visits, Number(one.isDeleted)])
  await upsert(em, rows, {
    into: 'content_counter (kind, id, likes, comments, visits, is_deleted, version)',
    values: '(?, ?, ?, ?, ?, ?, 1)',
    update: `${contentColumns.map(added).join()}, is_deleted = greatest(is_deleted, values(is_deleted)), version = version + 1`,
  })
}

async function addToUsers(em: EntityManager, changes: UserChange[]): Promise<void> {
  const rows = changes.map((one) => [
    one.id,
    one.works,
    one.likesReceived,
    one.likesGiven,
    one.following,
    one.followers,
  ])
  await upsert(em, rows, {
    into: `user_counter (id, ${userColumns.join()}, version)`,
    values: '(?, ?, ?, ?, ?, ?, 1)',
    update: `${userColumns.map(added).join()}, version = version + 1`,
  })
}

async function addToHours(em: EntityManager, visits: VisitsInHour[]): Promise<void> {
  const rows = visits.map((one) => [one.hour, one.videoId, one.visits])
  await upsert(em, rows, {
    into: 'visit_hour (hour, video_id, visits)',
    values: '(?, ?, ?)',
    update: added('visits'),
  })
}

/** Writes down, in the transaction of the change, who has to be told of it; see emission/. */
export async function markChanged(em: EntityManager, subjects: Subject[], mark: number): Promise<void> {
  const rows = subjects.toSorted().map((subject) => [subject, mark])
  await upsert(em, rows, {
    into: 'changed_counter (subject, mark)',
    values: '(?, ?)',
    update: 'mark = values(mark)',
  })
}

const added = (column: string) => `${column} = ${column} + values(${column})`

async function upsert(
  em: EntityManager,
  rows: unknown[][],
  { into, values, update }: { into: string; values: string; update: string },
): Promise<void> {
  if (rows.length === 0) return
  const places = rows.map(() => values).join()
  await em.execute(`insert into ${into} values ${places} on duplicate key update ${update}`, rows.flat())
}
