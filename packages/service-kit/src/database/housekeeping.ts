import type { Logger } from '../log.ts'
import { RepeatingWorker } from '../workers.ts'
import type { Database } from './database.ts'
import { deleteInPieces } from './delete-in-pieces.ts'
import type { IdempotencyEntity } from './idempotency.entity.ts'
import type { InboxEntity } from './inbox.entity.ts'
import { kysely } from './kysely.ts'

const INTERVAL_MS = 60 * 60 * 1_000
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

/** Deletes old rows of the kit's tables. */
export async function deleteOldRows(database: Database, signal?: AbortSignal): Promise<void> {
  const tables = kysely<typeof InboxEntity | typeof IdempotencyEntity>(database.em())
  const old = [
    tables.deleteFrom('inbox').where('received_at', '<', hoursAgo(INBOX_DAYS * 24)),
    tables.deleteFrom('idempotency').where('created_at', '<', hoursAgo(IDEMPOTENCY_HOURS)),
  ]
  for (const deletion of old) await deleteInPieces(deletion, signal)
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 60 * 60 * 1_000)
