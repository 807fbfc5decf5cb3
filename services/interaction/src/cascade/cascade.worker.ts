import { type Database, type Logger, RepeatingWorker } from '@fanone/service-kit'
import type { CascadeRepository } from './cascade.repository.ts'

/** Bounds how long content waits that another instance, which was killed, left behind. */
const LOOK_EVERY_MS = 2_000

/**
 * Deletes the likes and comments of deleted content, in batches. The deletion itself wrote the list
 * of this work, so it continues after a crash.
 */
export function cascadeWorker(parts: {
  database: Database
  cascades: CascadeRepository
  log: Logger
}): RepeatingWorker {
  const { database, cascades, log } = parts
  return new RepeatingWorker({
    name: 'cascade deletion',
    isDue: async () => (await cascades.next()) !== undefined,
    onlyOne: database,
    work: (signal) => deleteAll(cascades, signal),
    pauseMs: LOOK_EVERY_MS,
    log,
    failure: 'likes and comments of deleted content could not be deleted',
  })
}

async function deleteAll(cascades: CascadeRepository, signal: AbortSignal): Promise<void> {
  for (let contents = await cascades.next(); contents; contents = await cascades.next()) {
    while (!(await cascades.deleteSome(contents))) if (signal.aborted) return
    if (signal.aborted) return
  }
}
