import { type Database, kysely, newest } from '@fanone/service-kit'
import type { CommentCountersEntity } from './counters.entity.ts'

/** The counters of a comment at a version. */
export interface CommentCounters {
  id: number
  version: number
  likes: number
  replies: number
}

/** The counters of comments, as stats has told them. */
export class CountersRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Stores counters that are newer than the stored ones. */
  async merge(counters: CommentCounters[]): Promise<void> {
    if (counters.length === 0) return
    // In one order, so that instances that write the same rows never wait for each other.
    const rows = counters.toSorted((one, other) => one.id - other.id)
    await this.#database.transaction(async (em) => {
      await kysely<typeof CommentCountersEntity>(em)
        .insertInto('comment_counters')
        .values(rows)
        .onDuplicateKeyUpdate(newest(['likes', 'replies']))
        .execute()
    })
  }
}
