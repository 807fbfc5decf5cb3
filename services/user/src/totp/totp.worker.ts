import { type Database, type Logger, RepeatingWorker } from '@fanone/service-kit'
import type { TotpService } from './totp.service.ts'

const PAUSE_MS = 60 * 60 * 1_000

/** Seals with the newest key what an older one has sealed, so that the older one can be removed. */
export function oldSealsWorker({ database, totp, log }: { database: Database; totp: TotpService; log: Logger }) {
  return new RepeatingWorker({
    name: 'old seals',
    work: (signal) => totp.resealOld(signal),
    pauseMs: PAUSE_MS,
    onlyOne: database,
    log,
    failure: 'secrets could not be sealed with the newest key',
  })
}
