import { countersChanged, type EventData } from '@fanone/contracts'
import { addToOutbox, type Database, withServerLock } from '@fanone/service-kit'
import { RANKINGS, type Subject } from '../counter/subject.ts'

/** A subject whose counters have changed. `mark` is another one after every change, so that none is forgotten with an older one. */
export interface ChangedSubject {
  subject: Subject
  mark: number
}

const MOST_AT_A_TIME = 2_000
/** Items of one event, as its contract allows. */
const ITEMS_PER_EVENT = 200

type ChangedItem = EventData<typeof countersChanged>['items'][number]

/** The list of who is to be told of. */
export class EmissionRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Runs `work` unless another instance does. */
  async alone(work: () => Promise<void>): Promise<void> {
    await withServerLock(this.#database.orm, { name: 'emission', waitSeconds: 0 }, work)
  }

  async isAnythingChanged(): Promise<boolean> {
    const rows = await this.#database
      .em()
      .execute(`select 1 from changed_counter where subject <> '${RANKINGS}' limit 1`)
    return rows.length > 0
  }

  async readChanged(): Promise<ChangedSubject[]> {
    const rows = await this.#database
      .em()
      .execute<ChangedSubject[]>(
        `select subject, mark from changed_counter where subject <> '${RANKINGS}' limit ${MOST_AT_A_TIME}`,
      )
    return rows.map(({ subject, mark }) => ({ subject, mark: Number(mark) }))
  }

  /** Commits the events together with the end of the changes they tell of; what has changed again meanwhile stays on the list. */
  async emit(changed: ChangedSubject[], items: ChangedItem[]): Promise<void> {
    await this.#database.transaction(async (em) => {
      for (let from = 0; from < items.length; from += ITEMS_PER_EVENT) {
        const some = items.slice(from, from + ITEMS_PER_EVENT)
        const [first] = some
        if (first) addToOutbox(this.#database, em, countersChanged, { aggregateId: first.id, data: { items: some } })
      }
      const places = changed.map(() => '?').join()
      const marks = changed.map(({ subject, mark }) => `${subject} ${mark}`)
      await em.execute(
        `delete from changed_counter where subject in (${places}) and concat(subject, ' ', mark) in (${places})`,
        [...changed.map(({ subject }) => subject), ...marks],
      )
    })
  }
}
