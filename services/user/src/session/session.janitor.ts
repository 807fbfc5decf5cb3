import { type Database, type Logger, RepeatingWorker } from '@fanone/service-kit'
import type { SessionList } from './session-list.ts'

const PAUSE_MS = 60 * 60 * 1_000

/** Deletes sessions that expired long ago, once an hour. */
export function oldSessionsWorker({ database, list, log }: { database: Database; list: SessionList; log: Logger }) {
  return new RepeatingWorker({
    name: 'old sessions',
    work: (signal) => list.deleteOld(signal),
    pauseMs: PAUSE_MS,
    isPausedFirst: true,
    onlyOne: database,
    log,
    failure: 'old sessions could not be deleted',
  })
}
