import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import type { Redis } from 'ioredis'
import { chunksOf } from '../chunks.ts'
import type { Logger } from '../log.ts'
import { cacheReads } from '../metrics.ts'
import { connectRedis, fromRedis } from '../redis.ts'
import { readRecord, type VersionedRecord, writeRecord } from './record.ts'

/** Redis by its own client, because Dapr's state API cannot keep the newer of two values. */
export interface CacheRedis extends Redis {
  /** See keep-newest.lua. */
  keepNewest(keyCount: number, ...keysAndArgs: (string | number)[]): Promise<number>
}

/** Asked twice and told once, a Redis that hangs costs a request less than the two seconds that its caller waits. */
const COMMAND_TIMEOUT_MS = 500
/** How long a Redis that did not answer is not asked by readers, who would all wait for it. */
const REST_MS = 2_000
/** How long a record stays; up to twice as long, so that what was read at once is not forgotten at once. */
const TTL_SECONDS = 30
/**
 * What was loaded is shared with those who miss it in Redis up to so much later: their command may have been given up, although Redis
 * answered, because this process was too busy to hear it. While Redis is away, each key is loaded once in so long.
 */
const REMEMBERED_MS = 3_000
/** Keys that one script may touch: none keeps Redis busy for long. */
const KEYS_AT_A_TIME = 200

/** @param options.address `host:port`, or the path of a unix socket */
export function connectCacheRedis(options: { address: string; password?: string; log: Logger }): CacheRedis {
  const lua = readFileSync(join(import.meta.dirname, 'keep-newest.lua'), 'utf8')
  const scripts = { keepNewest: { lua } }
  return connectRedis({ ...options, scripts, commandTimeoutMs: COMMAND_TIMEOUT_MS }) as CacheRedis
}

/** Reads the truth, for all keys together; what nothing is known of is left out. */
export type LoadRecords<Key, Value> = (keys: Key[]) => Promise<Map<Key, VersionedRecord<Value>>>

export interface VersionedCacheOptions<Key, Value> {
  /** Owner and content, `video:videos`: its keys begin with it and metrics show it. Another one as soon as values have another shape. */
  name: string
  redis: CacheRedis
  load: LoadRecords<Key, Value>
  log: Logger
}

/**
 * What many read at once: from Redis, and from the truth where Redis does not have it, or is away. Readers who miss the same keys at the
 * same time share one load; that there is nothing is remembered too. Who changes the truth writes here after the commit, or has somebody
 * `refresh` who hears of it; versions decide, so all of them may come late, twice and at the same time.
 */
export class VersionedCache<Key extends string | number, Value> {
  readonly #options: VersionedCacheOptions<Key, Value>
  readonly #loading = new Map<Key, Promise<Map<Key, VersionedRecord<Value>>>>()
  readonly #asking = circuitBreaker(handleAll, { halfOpenAfter: REST_MS, breaker: new ConsecutiveBreaker(1) })

  constructor(options: VersionedCacheOptions<Key, Value>) {
    this.#options = options
  }

  /**
   * @param keys each once
   * @returns the values there are
   * @throws what `load` throws
   */
  async read(keys: Key[]): Promise<Map<Key, Value>> {
    if (keys.length === 0) return new Map()
    const values = new Map<Key, Value>()
    const missing: Key[] = []
    const texts = await this.#ask(keys)
    for (const [index, key] of keys.entries()) {
      const text = texts[index]
      if (!text) missing.push(key)
      else put(values, key, readRecord<Value>(text))
    }
    cacheReads.inc({ cache: this.#options.name, from: 'cache' }, keys.length - missing.length)
    for (const [key, record] of await this.#loadShared(missing)) put(values, key, record)
    return values
  }

  /** Brings in what was changed and committed. @throws ServiceError `unavailable` where Redis does not answer */
  async write(records: Map<Key, VersionedRecord<Value>>): Promise<void> {
    try {
      await fromRedis(this.#keep(records), 'The cache does not answer')
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
    const text = await fromRedis(this.#options.redis.get(this.#nameOf(key)), 'The cache does not answer')
    if (text !== null && readRecord(text).version >= version) return
    await this.write(await this.#options.load([key]))
  }

  /** Asks twice, because a process that was too busy to hear the answer in time hears the second one. */
  async #ask(keys: Key[]): Promise<(string | null)[]> {
    const { redis, log } = this.#options
    const names = keys.map((key) => this.#nameOf(key))
    try {
      return await this.#asking.execute(() => redis.mget(...names).catch(() => redis.mget(...names)))
    } catch (error) {
      log.debug({ err: error }, 'what is asked for is loaded, because the cache does not answer')
      return []
    }
  }

  async #keep(records: Map<Key, VersionedRecord<Value>>): Promise<void> {
    for (const some of chunksOf([...records], KEYS_AT_A_TIME)) {
      const names = some.map(([key]) => this.#nameOf(key))
      const args = some.flatMap(([, record]) => [record.version, writeRecord(record), ttlSeconds()])
      await this.#options.redis.keepNewest(some.length, ...names, ...args)
    }
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
    cacheReads.inc({ cache: this.#options.name, from: 'database' }, cold.length)
    cacheReads.inc({ cache: this.#options.name, from: 'waited' }, missing.length - cold.length)
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
    const { load, log } = this.#options
    const found = await load(keys)
    const all = new Map(keys.map((key) => [key, found.get(key) ?? { version: 0, value: undefined }]))
    await this.#asking
      .execute(() => this.#keep(all))
      .catch((error) => {
        log.debug({ err: error }, 'the cache does not take what was loaded')
      })
    return all
  }

  #nameOf(key: Key): string {
    return `${this.#options.name}:${key}`
  }
}

function put<Key, Value>(values: Map<Key, Value>, key: Key, { value }: VersionedRecord<Value>): void {
  if (value !== undefined) values.set(key, value)
}

const ttlSeconds = () => Math.round(TTL_SECONDS * (1 + Math.random()))
