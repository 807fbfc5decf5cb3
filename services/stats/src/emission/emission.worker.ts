import { setTimeout as delay } from 'node:timers/promises'
import { type Logger, untraced, type Worker } from '@fanone/service-kit'
import type { CounterCache } from '../counter/counter.cache.ts'
import { contentCounters } from '../counter/counter.operations.ts'
import type { CounterRepository } from '../counter/counter.repository.ts'
import { isContent, readSubject } from '../counter/subject.ts'
import type { EmissionRepository } from './emission.repository.ts'

/** How often changes are told at most. */
const INTERVAL_MS = 200
const PAUSE_AFTER_FAILURE_MS = 1_000

/**
 * Tells the cache, and by `counters.changed` everybody else, what counters are now. Reads the list of changes that is committed together
 * with the counters, so whatever crashes, a change is told at least once; versions make repeats harmless. One instance at a time.
 */
export class EmissionWorker implements Worker {
  readonly name = 'emission'
  readonly #emissions: EmissionRepository
  readonly #counters: Pick<CounterRepository, 'read'>
  readonly #cache: Pick<CounterCache, 'write'>
  readonly #log: Logger
  readonly #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(options: {
    emissions: EmissionRepository
    counters: Pick<CounterRepository, 'read'>
    cache: Pick<CounterCache, 'write'>
    log: Logger
  }) {
    this.#emissions = options.emissions
    this.#counters = options.counters
    this.#cache = options.cache
    this.#log = options.log
  }

  start(): void {
    this.#running = untraced(() => this.#run())
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      let pauseMs = INTERVAL_MS
      try {
        if (await this.#emissions.isAnythingChanged()) await this.#emissions.alone(() => this.#emitAll())
      } catch (error) {
        this.#log.warn({ err: error }, 'changed counters could not be told; trying again')
        pauseMs = PAUSE_AFTER_FAILURE_MS
      }
      await delay(pauseMs, undefined, { signal }).catch(() => {})
    }
  }

  /** Until what was on the list is told; what changes meanwhile waits for the next time. */
  async #emitAll(): Promise<void> {
    const toldBefore = new Set<string>()
    while (!this.#stopping.signal.aborted) {
      const changed = (await this.#emissions.readChanged()).filter(({ subject }) => !toldBefore.has(subject))
      if (changed.length === 0) return
      const subjects = changed.map(({ subject }) => subject)
      const values = await this.#counters.read(subjects)
      // First the cache: who hears of a change and asks must not be told the old counters.
      await this.#cache.write(values)
      const items = [...values].flatMap(([subject, { version, counts }]) => {
        const ref = readSubject(subject)
        return isContent(ref) ? [{ ...ref, ...contentCounters(counts), version }] : []
      })
      await this.#emissions.emit(changed, items)
      for (const subject of subjects) toldBefore.add(subject)
    }
  }
}
