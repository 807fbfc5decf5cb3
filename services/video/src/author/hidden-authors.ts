import { type Database, KeptReading, kysely, type Logger, type Worker } from '@fanone/service-kit'
import type { AuthorEntity } from './author.entity.ts'

const POLL_MS = 500
/** Read again each time: what changed before the last reading may have been committed after it. */
const OVERLAP_MS = 30_000

/**
 * The authors whose videos nobody is shown, as every instance of this service knows them without a
 * statement for each reader: they are few, and read again twice a second. Lists and searches look
 * at the table itself.
 */
export class HiddenAuthors {
  readonly #database: Database
  readonly #ids = new Set<number>()
  readonly #reading: KeptReading
  #readUntil: Date | undefined

  constructor(options: { database: Database }) {
    this.#database = options.database
    this.#reading = new KeptReading({
      name: 'hidden authors',
      read: () => this.#read(),
      pauseMs: POLL_MS,
      failure: 'the hidden authors could not be read',
    })
  }

  /**
   * Those that are of authors who are shown.
   *
   * @throws ServiceError `unavailable` where the hidden authors could not be read even once
   */
  async leaveOut<Item extends { authorId: number }>(items: Item[]): Promise<Item[]> {
    await this.#reading.require()
    return this.#ids.size === 0 ? items : items.filter(({ authorId }) => !this.#ids.has(authorId))
  }

  /** Reads what has changed since the last time. */
  load(): Promise<void> {
    return this.#reading.load()
  }

  /** Keeps reading. */
  worker(log: Logger): Worker {
    return this.#reading.worker(log)
  }

  async #read(): Promise<void> {
    const now = new Date()
    const authors = kysely<typeof AuthorEntity>(this.#database.em())
      .selectFrom('author')
      .select(['id', 'is_hidden as isHidden'])
    const rows = await (this.#readUntil
      ? authors.where('hidden_changed_at', '>=', new Date(this.#readUntil.getTime() - OVERLAP_MS))
      : authors.where('is_hidden', '=', 1)
    ).execute()
    for (const { id, isHidden } of rows) {
      if (isHidden) this.#ids.add(id)
      else this.#ids.delete(id)
    }
    this.#readUntil = now
  }
}
