import { untraced } from '../background.ts'
import type { Logger } from '../log.ts'
import type { Database } from './database.ts'

const INTERVAL_MS = 60 * 60 * 1_000
const CHUNK = 1_000
/** Longer than Kafka keeps a message, so that nothing can be delivered again after its inbox row is gone. */
const INBOX_DAYS = 14
const IDEMPOTENCY_HOURS = 24

/** Deletes what the kit's tables need no longer: once an hour, in small pieces that hold no lock for long. */
export class Housekeeping {
  readonly #database: Database
  readonly #log: Logger
  #timer: NodeJS.Timeout | undefined

  constructor(database: Database, log: Logger) {
    this.#database = database
    this.#log = log
  }

  start(): void {
    this.#timer = setInterval(() => void untraced(() => this.sweep()), INTERVAL_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async sweep(): Promise<void> {
    try {
      await this.#deleteInChunks(`delete from inbox where received_at < utc_timestamp(3) - interval ${INBOX_DAYS} day`)
      await this.#deleteInChunks(
        `delete from idempotency where created_at < utc_timestamp(3) - interval ${IDEMPOTENCY_HOURS} hour`,
      )
    } catch (error) {
      this.#log.warn({ err: error }, 'old rows could not be deleted; trying again in an hour')
    }
  }

  async #deleteInChunks(statement: string): Promise<void> {
    let deleted = CHUNK
    while (deleted === CHUNK) {
      const result = await this.#database
        .em()
        .execute<{ affectedRows: number }>(`${statement} limit ${CHUNK}`, [], 'run')
      deleted = result.affectedRows
    }
  }
}
