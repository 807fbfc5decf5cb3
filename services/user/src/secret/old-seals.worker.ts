import { type Database, type Logger, RepeatingWorker } from '@fanone/service-kit'

const PAUSE_MS = 60 * 60 * 1_000

/** Something that keeps sealed texts. */
interface SealKeeper {
  resealOld(signal: AbortSignal): Promise<void>
}

/** Seals with the newest key what an older one has sealed, so that the older one can be removed. */
export function oldSealsWorker({
  database,
  keepers,
  log,
}: {
  database: Database
  keepers: readonly SealKeeper[]
  log: Logger
}) {
  return new RepeatingWorker({
    name: 'old seals',
    work: async (signal) => {
      for (const keeper of keepers) await keeper.resealOld(signal)
    },
    pauseMs: PAUSE_MS,
    onlyOne: database,
    log,
    failure: 'secrets could not be sealed with the newest key',
  })
}
