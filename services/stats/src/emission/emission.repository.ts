import { countersChanged, type EventData } from '@fanone/contracts'
import { addToOutbox, type Database, kysely, sql } from '@fanone/service-kit'
import type { ChangedCounterEntity } from '../counter/counter.entity.ts'
import { RANKINGS, type Subject } from '../counter/subject.ts'

/** A subject whose counters have changed. `mark` is another one after every change, so that none is forgotten with an older one. */
export interface ChangedSubject {
  subject: Subject
  mark: number
}

const MAX_AT_A_TIME = 2_000
/** Items of one event, as its contract allows. */
const ITEMS_PER_EVENT = 200

type ChangedItem = EventData<typeof countersChanged>['items'][number]

/** The list of who is to be told of. */
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

  /** Commits the events together with the end of the changes they tell of; what has changed again meanwhile stays on the list. */
  async emit(changed: ChangedSubject[], items: ChangedItem[]): Promise<void> {
    await this.#database.transaction(async (em) => {
      for (let from = 0; from < items.length; from += ITEMS_PER_EVENT) {
        const some = items.slice(from, from + ITEMS_PER_EVENT)
        const [first] = some
        if (first) addToOutbox(this.#database, em, countersChanged, { aggregateId: first.id, data: { items: some } })
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
