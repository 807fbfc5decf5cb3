import { type Database, type Logger, RepeatingWorker } from '@fanone/service-kit'
import type { CounterCache } from '../counter/counter.cache.ts'
import { contentCounters } from '../counter/counter.operations.ts'
import type { CounterRepository } from '../counter/counter.repository.ts'
import { isContent, readSubject } from '../counter/subject.ts'
import type { EmissionRepository } from './emission.repository.ts'

/** Pause between emissions while counters change. */
const INTERVAL_MS = 200
/** Finds what an instance left that was killed. */
const LOOK_EVERY_MS = 2_000
const PAUSE_AFTER_FAILURE_MS = 1_000

interface Parts {
  emissions: EmissionRepository
  counters: Pick<CounterRepository, 'read'>
  cache: Pick<CounterCache, 'write'>
}

/**
 * Writes changed counters to the cache and publishes `counters.changed`. Reads a list committed
 * together with the counters, so a crash loses no change; versions make repeats harmless. One
 * instance at a time. Wake it when counters have changed.
 */
export function emissionWorker({
  database,
  log,
  ...parts
}: Parts & { database: Database; log: Logger }): RepeatingWorker {
  return new RepeatingWorker({
    name: 'emission',
    isDue: () => parts.emissions.isAnythingChanged(),
    onlyOne: database,
    work: (signal) => emitAll(parts, signal),
    // Who has the lock may have read the list before our change.
    pauseMs: ({ hasFailed, wasTaken }) => (hasFailed ? PAUSE_AFTER_FAILURE_MS : wasTaken ? INTERVAL_MS : LOOK_EVERY_MS),
    leastPauseMs: INTERVAL_MS,
    log,
    failure: 'changed counters could not be published',
  })
}

/** Ends when the list of its beginning is published; later changes wait for the next run. */
async function emitAll({ emissions, counters, cache }: Parts, signal: AbortSignal): Promise<void> {
  const toldBefore = new Set<string>()
  while (!signal.aborted) {
    const changed = (await emissions.readChanged()).filter(({ subject }) => !toldBefore.has(subject))
    if (changed.length === 0) return
    const subjects = changed.map(({ subject }) => subject)
    const values = await counters.read(subjects)
    // The cache first: a consumer of the event must not read the old counters.
    await cache.write(values)
    const items = [...values].flatMap(([subject, { version, counts }]) => {
      const ref = readSubject(subject)
      return isContent(ref) ? [{ ...ref, ...contentCounters(counts), version }] : []
    })
    await emissions.emit(changed, items)
    for (const subject of subjects) toldBefore.add(subject)
  }
}
