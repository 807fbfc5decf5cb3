import { type Database, type Logger, RepeatingWorker } from '@fanone/service-kit'
import type { EndingRepository } from './ending.repository.ts'

/** Bounds how long content waits that another instance, which was killed, left behind. */
const LOOK_EVERY_MS = 2_000

/**
 * Deletes the likes and comments of deleted content, in batches. The deletion itself wrote the list
 * of this work, so it continues after a crash.
 */
export function endingWorker(parts: { database: Database; endings: EndingRepository; log: Logger }): RepeatingWorker {
  const { database, endings, log } = parts
  return new RepeatingWorker({
    name: 'ending',
    isDue: async () => (await endings.next()) !== undefined,
    onlyOne: database,
    work: (signal) => endAll(endings, signal),
    pauseMs: LOOK_EVERY_MS,
    log,
    failure: 'what belongs to deleted content could not be ended',
  })
}

async function endAll(endings: EndingRepository, signal: AbortSignal): Promise<void> {
  for (let contents = await endings.next(); contents; contents = await endings.next()) {
    while (!(await endings.endSome(contents))) if (signal.aborted) return
    if (signal.aborted) return
  }
}
