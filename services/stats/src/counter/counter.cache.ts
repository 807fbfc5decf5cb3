import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Counter, connectRedis, type Logger } from '@fanone/service-kit'
import type { Redis } from 'ioredis'
import type { CounterRepository, CounterValues } from './counter.repository.ts'
import type { Subject } from './subject.ts'

/** Redis by its own client, because Dapr's state API cannot keep the newer of two values. */
export interface StatsRedis extends Redis {
  /** See keep-newest.lua. */
  keepNewest(keyCount: number, ...keysAndArgs: (string | number)[]): Promise<number>
}

/** How long counters stay; up to twice as long, so that what was read at once is not forgotten at once. */
const TTL_SECONDS = 30
/**
 * What was read from MySQL is shared with those who miss it in Redis up to so much later: their command may have been given up, although
 * Redis answered, because this process was too busy to hear it. While Redis is away, each counter is read once in so long.
 */
const REMEMBERED_MS = 3_000
/** Keys that one script may touch: none keeps Redis busy for long. */
const KEYS_AT_A_TIME = 200
const NOTHING: Omit<CounterValues, 'counts'> = { version: 0 }

const reads = new Counter({
  name: 'fanone_stats_cache_reads_total',
  help: 'Counters asked for, by where they were: cache, database, waited (another request was reading them)',
  labelNames: ['from'] as const,
})

/** @param options.address `host:port`, or the path of a unix socket */
export function connectStatsRedis(options: { address: string; password?: string; log: Logger }): StatsRedis {
  const lua = readFileSync(join(import.meta.dirname, '../redis/keep-newest.lua'), 'utf8')
  return connectRedis({ ...options, scripts: { keepNewest: { lua } } }) as StatsRedis
}

/**
 * Counters as readers get them: from Redis, and from MySQL where Redis does not have them, or is away. Requests that miss the same counters
 * at the same time share one statement; what nothing was ever counted for is remembered too. What changes is written here by the
 * emission, from a list that is committed with the change, so that a crash in between is made up for.
 */
export class CounterCache {
  readonly #redis: StatsRedis
  readonly #counters: Pick<CounterRepository, 'read'>
  readonly #log: Logger
  readonly #loading = new Map<Subject, Promise<Map<Subject, CounterValues>>>()

  constructor(options: { redis: StatsRedis; counters: Pick<CounterRepository, 'read'>; log: Logger }) {
    this.#redis = options.redis
    this.#counters = options.counters
    this.#log = options.log
  }

  /**
   * @param subjects each once
   * @returns the counts, empty for what nothing was ever counted for
   */
  async read(subjects: Subject[]): Promise<Map<Subject, number[]>> {
    const records = await this.#readRecords(subjects.map(keyOf))
    const counts = new Map<Subject, number[]>()
    const missing: Subject[] = []
    for (const [index, subject] of subjects.entries()) {
      const record = records[index]
      if (record) counts.set(subject, record.split(' ').slice(1).map(Number))
      else missing.push(subject)
    }
    reads.inc({ from: 'cache' }, counts.size)
    for (const [subject, values] of await this.#load(missing)) counts.set(subject, values.counts)
    return counts
  }

  /** Brings counters into the cache that have changed. @throws Error where Redis does not answer */
  async write(values: Map<Subject, CounterValues>): Promise<void> {
    await this.#keep(values)
    for (const subject of values.keys()) this.#loading.delete(subject)
  }

  /** Asks twice, because a process that was too busy to hear the answer in time hears the second one. */
  async #readRecords(keys: string[]): Promise<(string | null)[]> {
    try {
      return await this.#redis.mget(...keys).catch(() => this.#redis.mget(...keys))
    } catch (error) {
      this.#log.debug({ err: error }, 'counters are read from the database, because the cache does not answer')
      return []
    }
  }

  async #keep(values: Map<Subject, CounterValues>): Promise<void> {
    const entries = [...values]
    for (let from = 0; from < entries.length; from += KEYS_AT_A_TIME) {
      const some = entries.slice(from, from + KEYS_AT_A_TIME)
      const args = some.flatMap(([, { version, counts }]) => [version, [version, ...counts].join(' '), ttlSeconds()])
      await this.#redis.keepNewest(some.length, ...some.map(([subject]) => keyOf(subject)), ...args)
    }
  }

  async #load(missing: Subject[]): Promise<Map<Subject, CounterValues>> {
    const cold = missing.filter((subject) => !this.#loading.has(subject))
    if (cold.length > 0) {
      const loading = this.#readAndKeep(cold)
      for (const subject of cold) this.#loading.set(subject, loading)
      const forget = () => {
        for (const subject of cold) if (this.#loading.get(subject) === loading) this.#loading.delete(subject)
      }
      loading.then(() => setTimeout(forget, REMEMBERED_MS).unref(), forget)
    }
    reads.inc({ from: 'database' }, cold.length)
    reads.inc({ from: 'waited' }, missing.length - cold.length)
    const found = new Map<Subject, CounterValues>()
    // All are waited for together: one that failed alone would leave the others without anybody to hear that they failed.
    const loads = await Promise.all(missing.map((subject) => this.#loading.get(subject)))
    for (const [index, subject] of missing.entries()) {
      const values = loads[index]?.get(subject)
      if (values) found.set(subject, values)
    }
    return found
  }

  async #readAndKeep(subjects: Subject[]): Promise<Map<Subject, CounterValues>> {
    const found = await this.#counters.read(subjects)
    const all = new Map(subjects.map((subject) => [subject, found.get(subject) ?? { ...NOTHING, counts: [] }]))
    await this.#keep(all).catch((error) => this.#log.debug({ err: error }, 'the cache does not take counters'))
    return all
  }
}

const keyOf = (subject: Subject) => `stats:${subject}`
const ttlSeconds = () => Math.round(TTL_SECONDS * (1 + Math.random()))
