import { type CacheRedis, type Logger, VersionedCache } from '@fanone/service-kit'
import type { CounterRepository, CounterValues } from './counter.repository.ts'
import type { Subject } from './subject.ts'

/**
 * Counters for readers. The emission writes changes here from a list committed with them, so a
 * crash in between loses none.
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

  /**
   * Writes changed counters into the cache.
   *
   * @throws ServiceError `unavailable` if Redis does not answer
   */
  write(values: Map<Subject, CounterValues>): Promise<void> {
    return this.#cache.write(toRecords(values))
  }
}

function toRecords(values: Map<Subject, CounterValues>) {
  return new Map([...values].map(([subject, { version, counts }]) => [subject, { version, value: counts }]))
}
