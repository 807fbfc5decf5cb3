import type { ContentKind } from '@fanone/contracts'
import {
  applyBatchOnce,
  columnsOf,
  type Database,
  type Delivery,
  type EntityManager,
  type Handled,
  kysely,
} from '@fanone/service-kit'
import type { ContentChange, CounterChanges, UserChange, VisitsInHour } from './changes.ts'
import {
  type ChangedCounterEntity,
  type ContentCounterEntity,
  type ContentCounterRow,
  UserCounterEntity,
  type UserCounterRow,
  type VisitHourEntity,
} from './counter.entity.ts'
import { RANKINGS, readSubject, type Subject, subjectOf } from './subject.ts'

/** The counters of one subject: `[likes, comments, visits]` of content, of a user
 * `[works, likesReceived, likesGiven, following, followers]`. */
export interface CounterValues {
  version: number
  counts: number[]
}

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

  /** Adds changes to the counters. All transactions lock tables and rows in the same order. */
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

  /**
   * The counters of these subjects, without those that were never counted. One statement for each
   * kind.
   */
  async read(subjects: Subject[]): Promise<Map<Subject, CounterValues>> {
    const found = new Map<Subject, CounterValues>()
    for (const [kind, group] of Map.groupBy(subjects.map(readSubject), (ref) => ref.kind)) {
      const ids = group.map(({ id }) => id)
      const counters = kind === 'user' ? await this.#users(ids) : await this.#contents(kind, ids)
      for (const { id, ...values } of counters) found.set(subjectOf(kind, id), atLeastZero(values))
    }
    return found
  }

  /** Everything that is counted of one kind of content, above `afterId` in id order. */
  async walk(query: { kind: ContentKind; afterId: number; limit: number }): Promise<Counter[]> {
    const { kind, afterId, limit } = query
    const rows = await kysely<typeof ContentCounterEntity>(this.#database.em())
      .selectFrom('content_counter')
      .select(contentColumns)
      .where('kind', '=', kind)
      .where('id', '>', afterId)
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map((row) => ({ id: row.id, ...atLeastZero(toContentValues(row)) }))
  }

  async #contents(kind: ContentKind, ids: number[]): Promise<Counter[]> {
    const rows = await kysely<typeof ContentCounterEntity>(this.#database.em())
      .selectFrom('content_counter')
      .select(contentColumns)
      .where('kind', '=', kind)
      .where('id', 'in', ids)
      .execute()
    return rows.map((row) => ({ id: row.id, ...toContentValues(row) }))
  }

  async #users(ids: number[]): Promise<Counter[]> {
    const rows = await kysely<typeof UserCounterEntity>(this.#database.em())
      .selectFrom('user_counter')
      .select(userColumns)
      .where('id', 'in', ids)
      .execute()
    return rows.map((row) => ({ id: row.id, ...toUserValues(row) }))
  }
}

type Counter = { id: number } & CounterValues

const contentColumns = ['id', 'version', 'likes', 'comments', 'visits'] as const
const userColumns = columnsOf(UserCounterEntity)

export const toContentValues = ({
  version,
  likes,
  comments,
  visits,
}: Omit<ContentCounterRow, 'kind' | 'id' | 'isDeleted'>): CounterValues => ({
  version,
  counts: [likes, comments, visits],
})

export const toUserValues = (row: UserCounterRow): CounterValues => ({
  version: row.version,
  counts: [row.works, row.likesReceived, row.likesGiven, row.following, row.followers],
})

/** Never below zero: the like belonging to an unlike is about to arrive. */
const atLeastZero = ({ version, counts }: CounterValues): CounterValues => ({
  version,
  counts: counts.map((count) => Math.max(0, count)),
})

async function addToContents(em: EntityManager, changes: ContentChange[]): Promise<void> {
  if (changes.length === 0) return
  await kysely<typeof ContentCounterEntity>(em)
    .insertInto('content_counter')
    .values(changes.map(({ isDeleted, ...change }) => ({ ...change, is_deleted: isDeleted, version: 1 })))
    .onDuplicateKeyUpdate((eb) => {
      const added = (column: 'likes' | 'comments' | 'visits') => eb(column, '+', eb.fn<number>('values', [column]))
      return {
        likes: added('likes'),
        comments: added('comments'),
        visits: added('visits'),
        is_deleted: eb.fn<number>('greatest', ['is_deleted', eb.fn('values', ['is_deleted'])]),
        version: eb('version', '+', 1),
      }
    })
    .execute()
}

async function addToUsers(em: EntityManager, changes: UserChange[]): Promise<void> {
  if (changes.length === 0) return
  const rows = changes.map(({ likesReceived, likesGiven, ...change }) => ({
    ...change,
    likes_received: likesReceived,
    likes_given: likesGiven,
    version: 1,
  }))
  await kysely<typeof UserCounterEntity>(em)
    .insertInto('user_counter')
    .values(rows)
    .onDuplicateKeyUpdate((eb) => {
      const added = (column: 'works' | 'likes_received' | 'likes_given' | 'following' | 'followers') =>
        eb(column, '+', eb.fn<number>('values', [column]))
      return {
        works: added('works'),
        likes_received: added('likes_received'),
        likes_given: added('likes_given'),
        following: added('following'),
        followers: added('followers'),
        version: eb('version', '+', 1),
      }
    })
    .execute()
}

async function addToHours(em: EntityManager, visits: VisitsInHour[]): Promise<void> {
  if (visits.length === 0) return
  await kysely<typeof VisitHourEntity>(em)
    .insertInto('visit_hour')
    .values(visits.map(({ hour, videoId, visits: count }) => ({ hour, video_id: videoId, visits: count })))
    .onDuplicateKeyUpdate((eb) => ({ visits: eb('visits', '+', eb.fn<number>('values', ['visits'])) }))
    .execute()
}

/** Writes down, in the transaction of the change, which subjects have changed; see emission/. */
export async function markChanged(em: EntityManager, subjects: Subject[], mark: number): Promise<void> {
  if (subjects.length === 0) return
  await kysely<typeof ChangedCounterEntity>(em)
    .insertInto('changed_counter')
    .values(subjects.toSorted().map((subject) => ({ subject, mark })))
    .onDuplicateKeyUpdate({ mark })
    .execute()
}
