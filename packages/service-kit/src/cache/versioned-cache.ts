import type { Logger } from '../log.ts'
import { cacheReads } from '../metrics.ts'
import type { VersionedRecord } from './record.ts'
import { type CacheRedis, StoredRecords } from './stored-records.ts'

/**
 * How long loaded records are shared with readers that miss them in Redis. A busy process may have
 * given up its Redis command although the answer came. While Redis is away, this is also how long a
 * key is not loaded again.
 */
const REMEMBERED_MS = 3_000

/** Reads all keys from the source of truth; leaves out those that do not exist. */
export type LoadRecords<Key, Value> = (keys: Key[]) => Promise<Map<Key, VersionedRecord<Value>>>

/**
 * Reads through Redis to the source of truth, also while Redis is away. Readers that miss the same
 * keys share one load; that a key does not exist is cached too.
 *
 * After a commit the writer writes here, and consumers of its event `refresh`. Versions decide, so
 * both may come late, twice or at the same time.
 */
export class VersionedCache<Key extends string | number, Value> {
  readonly #name: string
  readonly #stored: StoredRecords<Key, Value>
  readonly #load: LoadRecords<Key, Value>
  readonly #log: Logger
  readonly #loading = new Map<Key, Promise<Map<Key, VersionedRecord<Value>>>>()

  /**
   * @param options.name owner and content (`video:videos`): prefix of the keys in Redis and a label
   *   of the metrics. Choose another when the shape of the values changes
   */
  constructor(options: { name: string; redis: CacheRedis; load: LoadRecords<Key, Value>; log: Logger }) {
    this.#name = options.name
    this.#stored = new StoredRecords(options)
    this.#load = options.load
    this.#log = options.log
  }

  /**
   * @param keys each once
   * @returns the values that exist; other readers get the same objects
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

  /**
   * The existing values in the order of the keys, each once.
   *
   * @throws what `load` throws
   */
  async list(keys: Key[]): Promise<Value[]> {
    const unique = [...new Set(keys)]
    const values = await this.read(unique)
    return unique.flatMap((key) => values.get(key) ?? [])
  }

  /** Like `write`, but an unreachable Redis is no error: the event of the change will `refresh`. */
  async show(key: Key, record: VersionedRecord<Value>): Promise<void> {
    await this.write(new Map([[key, record]])).catch((error) => {
      this.#log.warn({ err: error, cache: this.#name, key }, 'a change could not be cached; its event will do it')
    })
  }

  /**
   * Stores records that were committed.
   *
   * @throws ServiceError `unavailable` if Redis does not answer
   */
  async write(records: Map<Key, VersionedRecord<Value>>): Promise<void> {
    try {
      await this.#stored.keep(records)
    } finally {
      // Records loaded before the change are outdated even if Redis was not reached.
      for (const key of records.keys()) this.#loading.delete(key)
    }
  }

  /**
   * Loads a record again unless the cache has this version or a newer one.
   *
   * @param version of the committed change
   * @throws ServiceError `unavailable` if Redis does not answer; what `load` throws
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
    // Awaiting them one by one would leave rejections of the others unhandled.
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
    // Not awaited: a hanging Redis would delay the answer.
    this.#stored.keep(all).catch((error) => this.#log.debug({ err: error }, 'loaded records could not be cached'))
    return all
  }
}
