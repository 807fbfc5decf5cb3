import { countersChanged, type EventData } from '@fanone/contracts'
import { addToOutbox, type Database, kysely, sql } from '@fanone/service-kit'
import type { ChangedCounterEntity } from '../counter/counter.entity.ts'
import { RANKINGS, type Subject } from '../counter/subject.ts'

/**
 * A subject with changed counters. Every change sets another `mark`, so that a newer change is not
 * removed with an older one.
 */
export interface ChangedSubject {
  subject: Subject
  mark: number
}

const MAX_AT_A_TIME = 2_000
/** Items of one event, as its contract allows. */
const ITEMS_PER_EVENT = 200

type ChangedItem = EventData<typeof countersChanged>['items'][number]

/** The list of changed subjects. */
export class EmissionRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async isAnythingChanged(): Promise<boolean> {
    return (await this.#read(1)).length > 0
  }

  readChanged(): Promise<ChangedSubject[]> {
    return this.#read(MAX_AT_A_TIME)
  }

  /**
   * Commits the events and takes their subjects off the list, except those that changed again
   * meanwhile.
   */
  async emit(changed: ChangedSubject[], items: ChangedItem[]): Promise<void> {
    await this.#database.transaction(async (em) => {
      for (let from = 0; from < items.length; from += ITEMS_PER_EVENT) {
        const some = items.slice(from, from + ITEMS_PER_EVENT)
        addToOutbox(this.#database, em, countersChanged, { items: some })
      }
      const subjects = changed.map(({ subject }) => subject)
      const marks = changed.map(({ subject, mark }) => `${subject} ${mark}`)
      await kysely<typeof ChangedCounterEntity>(em)
        .deleteFrom('changed_counter')
        .where('subject', 'in', subjects)
        .where(sql<string>`concat(subject, ' ', mark)`, 'in', marks)
        .execute()
    })
  }

  #read(limit: number): Promise<ChangedSubject[]> {
    return kysely<typeof ChangedCounterEntity>(this.#database.em())
      .selectFrom('changed_counter')
      .select(['subject', 'mark'])
      .where('subject', '<>', RANKINGS)
      .limit(limit)
      .execute()
  }
}
