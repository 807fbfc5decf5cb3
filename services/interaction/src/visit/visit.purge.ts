import { type Logger, RepeatingWorker } from '@fanone/service-kit'
import type { VisitRepository } from './visit.repository.ts'

const INTERVAL_MS = 60_000

/**
 * Deletes viewers that may be counted again, once a minute and in small pieces that hold no lock
 * for long.
 */
export function visitPurge({ visits, log }: { visits: VisitRepository; log: Logger }): RepeatingWorker {
  return new RepeatingWorker({
    name: 'visit purge',
    work: async (signal) => {
      while (!signal.aborted && (await visits.purge()));
    },
    pauseMs: INTERVAL_MS,
    isPausedFirst: true,
    log,
    failure: 'old visits could not be deleted',
  })
}
