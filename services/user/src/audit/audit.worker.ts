import { type Database, type Logger, RepeatingWorker } from '@fanone/service-kit'
import type { AuditLog } from './audit-log.ts'

const PAUSE_MS = 60 * 60 * 1_000

/** Deletes what users did long ago, once an hour. */
export function oldAuditWorker({ database, audit, log }: { database: Database; audit: AuditLog; log: Logger }) {
  return new RepeatingWorker({
    name: 'old audit',
    work: (signal) => audit.deleteOld(signal),
    pauseMs: PAUSE_MS,
    isPausedFirst: true,
    onlyOne: database,
    log,
    failure: 'old entries of the audit log could not be deleted',
  })
}
