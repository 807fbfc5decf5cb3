import type { Logger } from '../log.ts'
import { cacheReads } from '../metrics.ts'
import type { VersionedRecord } from './record.ts'
import { type CacheRedis, StoredRecords } from './stored-records.ts'

/**
 * What was loaded is shared with those who miss it in Redis up to so much later: their command may have been given up, although Redis
 * answered, because this process was too busy to hear it. While Redis is away, each key is loaded once in so long.
 */
const REMEMBERED_MS = 3_000

/** Reads the truth, for all keys together; what nothing is known of is left out. */
export type LoadRecords<Key, Value> = (keys: Key[]) => Promise<Map<Key, VersionedRecord<Value>>>

/**
 * What many read at once: from Redis, and from the truth where Redis does not have it, or is away. Readers who miss the same keys at the
 * same time share one load; that there is nothing is remembered too. Who changes the truth writes here after the commit, or has somebody
 * `refresh` who hears of it; versions decide, so all of them may come late, twice and at the same time.
 */
export class VersionedCache<Key extends string | number, Value> {
  readonly #name: string
  readonly #stored: StoredRecords<Key, Value>
  readonly #load: LoadRecords<Key, Value>
  readonly #log: Logger
  readonly #loading = new Map<Key, Promise<Map<Key, VersionedRecord<Value>>>>()

  /**
   * @param options.name owner and content, `video:videos`: keys in Redis begin with it and metrics show it. Another one as soon as values
   * have another shape
   */
  constructor(options: { name: string; redis: CacheRedis; load: LoadRecords<Key, Value>; log: Logger }) {
    this.#name = options.name
    this.#stored = new StoredRecords(options)
    this.#load = options.load
    this.#log = options.log
  }

  /**
   * @param keys each once
   * @returns the values there are; others read the same objects
   * @throws what `load` throws
   */
  async read(keys: Key[]): Promise<Map<Key, Value>> {
    if (keys.length === 0) return new Map()
    const stored = await this.#stored.read(keys)
    const missing = keys.filter((key) => !stored.has(key))
    cacheReads.inc({ cache: this.#name, from: 'cache' }, keys.length - missing.length)
    const loaded = await this.#loadShared(missing)
    return new Map(
      keys.flatMap((key) => {
        const value = (stored.get(key) ?? loaded.get(key))?.value
        return value === undefined ? [] : [[key, value]]
      }),
    )
  }

  /** Brings in what was changed and committed. @throws ServiceError `unavailable` where Redis does not answer */
  async write(records: Map<Key, VersionedRecord<Value>>): Promise<void> {
    try {
      await this.#stored.keep(records)
    } finally {
      // What was loaded before the change is shared no more, whether Redis has heard of the change or not.
      for (const key of records.keys()) this.#loading.delete(key)
    }
  }

  /**
   * Makes sure that a committed change is seen here; does nothing where it is.
   *
   * @param version that the change has led to
   * @throws ServiceError `unavailable` where Redis does not answer; what `load` throws
   */
  async refresh(key: Key, version: number): Promise<void> {
    this.#loading.delete(key)
    if ((await this.#stored.versionOf(key)) < version) await this.write(await this.#load([key]))
  }

  async #loadShared(missing: Key[]): Promise<Map<Key, VersionedRecord<Value>>> {
    const cold = missing.filter((key) => !this.#loading.has(key))
    if (cold.length > 0) {
      const loading = this.#loadAndKeep(cold)
      for (const key of cold) this.#loading.set(key, loading)
      const forget = () => {
        for (const key of cold) if (this.#loading.get(key) === loading) this.#loading.delete(key)
      }
      loading.then(() => setTimeout(forget, REMEMBERED_MS).unref(), forget)
    }
    cacheReads.inc({ cache: this.#name, from: 'database' }, cold.length)
    cacheReads.inc({ cache: this.#name, from: 'waited' }, missing.length - cold.length)
    const found = new Map<Key, VersionedRecord<Value>>()
    // All are waited for together: one that failed alone would leave the others without anybody to hear that they failed.
    const loads = await Promise.all(missing.map((key) => this.#loading.get(key)))
    for (const [index, key] of missing.entries()) {
      const record = loads[index]?.get(key)
      if (record) found.set(key, record)
    }
    return found
  }

  async #loadAndKeep(keys: Key[]): Promise<Map<Key, VersionedRecord<Value>>> {
    const found = await this.#load(keys)
    const all = new Map(keys.map((key) => [key, found.get(key) ?? { version: 0, value: undefined }]))
    // Nobody waits for it: a Redis that hangs would hold up the answer.
    this.#stored.keep(all).catch((error) => this.#log.debug({ err: error }, 'the cache does not take what was loaded'))
    return all
  }
}
