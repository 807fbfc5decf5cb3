import { type Database, type Logger, RepeatingWorker } from '@fanone/service-kit'
import type { BanService } from './ban.service.ts'

const PAUSE_MS = 2_000

/** Lifts bans whose time is over. */
export function endedBansWorker({ database, bans, log }: { database: Database; bans: BanService; log: Logger }) {
  return new RepeatingWorker({
    name: 'ended bans',
    work: (signal) => bans.liftEnded(signal),
    pauseMs: PAUSE_MS,
    isPausedFirst: true,
    onlyOne: database,
    log,
    failure: 'bans that are over could not be lifted',
  })
}
