import type { Logger } from '../log.ts'
import { RepeatingWorker } from '../workers.ts'
import type { Database } from './database.ts'
import type { IdempotencyEntity } from './idempotency.entity.ts'
import type { InboxEntity } from './inbox.entity.ts'
import { kysely } from './kysely.ts'

const INTERVAL_MS = 60 * 60 * 1_000
const CHUNK = 1_000
/** Longer than Kafka keeps a message, so that no event is delivered after its inbox row is gone. */
const INBOX_DAYS = 14
const IDEMPOTENCY_HOURS = 24

/** Deletes what the kit's tables no longer need, once an hour. */
export function housekeepingWorker(database: Database, log: Logger): RepeatingWorker {
  return new RepeatingWorker({
    name: 'housekeeping',
    work: (signal) => deleteOldRows(database, signal),
    pauseMs: INTERVAL_MS,
    isPausedFirst: true,
    log,
    failure: 'old rows could not be deleted',
  })
}

/** Deletes old rows of the kit's tables, in small pieces that hold no lock for long. */
export async function deleteOldRows(database: Database, signal?: AbortSignal): Promise<void> {
  const tables = kysely<typeof InboxEntity | typeof IdempotencyEntity>(database.em())
  const someOld = [
    tables
      .deleteFrom('inbox')
      .where('received_at', '<', hoursAgo(INBOX_DAYS * 24))
      .limit(CHUNK),
    tables.deleteFrom('idempotency').where('created_at', '<', hoursAgo(IDEMPOTENCY_HOURS)).limit(CHUNK),
  ]
  for (const statement of someOld) {
    let deleted = CHUNK
    while (deleted === CHUNK && !signal?.aborted) deleted = Number((await statement.executeTakeFirst()).numDeletedRows)
  }
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 60 * 60 * 1_000)
