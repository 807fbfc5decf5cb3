import { type CacheRedis, type Logger, VersionedCache } from '@fanone/service-kit'
import type { CounterRepository, CounterValues } from './counter.repository.ts'
import type { Subject } from './subject.ts'

/**
 * Counters as readers get them. What changes is written here by the emission, from a list that is committed with the change, so that a
 * crash in between is made up for.
 */
export class CounterCache {
  readonly #cache: VersionedCache<Subject, number[]>

  constructor(options: { redis: CacheRedis; counters: Pick<CounterRepository, 'read'>; log: Logger }) {
    const { counters, ...rest } = options
    const load = async (subjects: Subject[]) => toRecords(await counters.read(subjects))
    this.#cache = new VersionedCache({ ...rest, name: 'stats:counters', load })
  }

  /**
   * @param subjects each once
   * @returns the counts; what nothing was ever counted for is left out
   */
  read(subjects: Subject[]): Promise<Map<Subject, number[]>> {
    return this.#cache.read(subjects)
  }

  /** Brings counters into the cache that have changed. @throws ServiceError `unavailable` where Redis does not answer */
  write(values: Map<Subject, CounterValues>): Promise<void> {
    return this.#cache.write(toRecords(values))
  }
}

function toRecords(values: Map<Subject, CounterValues>) {
  return new Map([...values].map(([subject, { version, counts }]) => [subject, { version, value: counts }]))
}
