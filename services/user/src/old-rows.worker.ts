import { type Database, type Logger, RepeatingWorker } from '@fanone/service-kit'

const PAUSE_MS = 60 * 60 * 1_000

/** Something that keeps rows for a while. */
interface Keeper {
  deleteOld(signal: AbortSignal): Promise<void>
}

/** Deletes rows whose time is over, once an hour; of several instances one does. */
export function oldRowsWorker({
  name,
  keeper,
  database,
  log,
}: {
  name: string
  keeper: Keeper
  database: Database
  log: Logger
}) {
  return new RepeatingWorker({
    name,
    work: (signal) => keeper.deleteOld(signal),
    pauseMs: PAUSE_MS,
    isPausedFirst: true,
    onlyOne: database,
    log,
    failure: `${name} could not be deleted`,
  })
}
