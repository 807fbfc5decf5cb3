import type { Logger } from '../log.ts'
import { RepeatingWorker } from '../workers.ts'
import type { Database } from './database.ts'

const INTERVAL_MS = 60 * 60 * 1_000
const CHUNK = 1_000
/** Longer than Kafka keeps a message, so that nothing can be delivered again after its inbox row is gone. */
const INBOX_DAYS = 14
const IDEMPOTENCY_HOURS = 24

/** Deletes what the kit's tables need no longer, once an hour. */
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
  for (const condition of [
    `inbox where received_at < utc_timestamp(3) - interval ${INBOX_DAYS} day`,
    `idempotency where created_at < utc_timestamp(3) - interval ${IDEMPOTENCY_HOURS} hour`,
  ]) {
    let deleted = CHUNK
    while (deleted === CHUNK && !signal?.aborted) {
      const statement = `delete from ${condition} limit ${CHUNK}`
      deleted = (await database.em().execute<{ affectedRows: number }>(statement, [], 'run')).affectedRows
    }
  }
}
