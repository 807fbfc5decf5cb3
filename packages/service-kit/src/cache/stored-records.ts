import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import type { Redis } from 'ioredis'
import { chunksOf } from '../chunks.ts'
import type { Logger } from '../log.ts'
import { connectRedis, fromRedis, type RedisConnectionOptions } from '../redis.ts'
import { readRecord, type VersionedRecord, writeRecord } from './record.ts'

/** Redis without Dapr, whose state API cannot keep the newer of two values. */
export interface CacheRedis extends Redis {
  /** See keep-newest.lua. */
  keepNewest(keyCount: number, ...keysAndArgs: (string | number)[]): Promise<number>
}

/**
 * A hanging Redis is tried twice; both tries must fit into the two seconds that the caller waits.
 */
const COMMAND_TIMEOUT_MS = 500
/** How long readers skip a Redis that did not answer, instead of all waiting for it. */
const REST_MS = 2_000
/** Shortest life of a record. The longest is twice that, so that records do not expire together. */
const TTL_SECONDS = 30
/** Keys in one command, so that none keeps Redis busy for long. */
const KEYS_AT_A_TIME = 200
const SILENCE = 'The cache does not answer'

/** @param options.address `host:port`, or the path of a unix socket */
export function connectCacheRedis(
  options: Pick<RedisConnectionOptions, 'address' | 'password' | 'log' | 'keyPrefix' | 'scriptLimitMs'>,
): CacheRedis {
  const lua = readFileSync(join(import.meta.dirname, 'keep-newest.lua'), 'utf8')
  const scripts = { keepNewest: { lua } }
  return connectRedis({ ...options, scripts, commandTimeoutMs: COMMAND_TIMEOUT_MS }) as CacheRedis
}

/** The records of one cache in Redis. */
export class StoredRecords<Key extends string | number, Value> {
  readonly #name: string
  readonly #redis: CacheRedis
  readonly #log: Logger
  readonly #asking = circuitBreaker(handleAll, { halfOpenAfter: REST_MS, breaker: new ConsecutiveBreaker(1) })
  #turn: { wanted: Set<Key>; found: Promise<Map<Key, VersionedRecord<Value>>> } | undefined

  constructor(options: { name: string; redis: CacheRedis; log: Logger }) {
    this.#name = options.name
    this.#redis = options.redis
    this.#log = options.log
  }

  /**
   * Reads the records that exist; none if Redis does not answer. All reads of one turn of the event
   * loop share a command: a process with a thousand commands in flight may be too busy to take the
   * answers in time.
   */
  read(keys: Key[]): Promise<Map<Key, VersionedRecord<Value>>> {
    if (!this.#turn) {
      const wanted = new Set<Key>()
      const found = endOfTurn().then(() => {
        this.#turn = undefined
        return this.#ask([...wanted])
      })
      this.#turn = { wanted, found }
    }
    for (const key of keys) this.#turn.wanted.add(key)
    return this.#turn.found
  }

  /**
   * @returns 0 if there is no record
   * @throws ServiceError `unavailable` if Redis does not answer
   */
  async versionOf(key: Key): Promise<number> {
    const text = await fromRedis(this.#redis.get(this.#nameOf(key)), SILENCE)
    return text === null ? 0 : readRecord(text).version
  }

  /**
   * Stores records, except where Redis has a newer one.
   *
   * @throws ServiceError `unavailable` if Redis does not answer
   */
  async keep(records: Map<Key, VersionedRecord<Value>>): Promise<void> {
    for (const some of chunksOf([...records], KEYS_AT_A_TIME)) {
      const names = some.map(([key]) => this.#nameOf(key))
      const args = some.flatMap(([, record]) => [record.version, writeRecord(record), ttlSeconds()])
      await fromRedis(this.#redis.keepNewest(some.length, ...names, ...args), SILENCE)
    }
  }

  async #ask(keys: Key[]): Promise<Map<Key, VersionedRecord<Value>>> {
    const get = async (some: Key[]) => {
      const texts = await this.#redis.mget(...some.map((key) => this.#nameOf(key)))
      return some.map((key, index): [Key, string | null | undefined] => [key, texts[index]])
    }
    const getAll = async () => (await Promise.all(chunksOf(keys, KEYS_AT_A_TIME).map(get))).flat()
    try {
      // Twice: a process that was too busy to take the first answer in time gets the second.
      const found = await this.#asking.execute(() => getAll().catch(getAll))
      return new Map(found.flatMap(([key, text]) => (text ? [[key, readRecord<Value>(text)]] : [])))
    } catch (error) {
      this.#log.debug({ err: error }, 'the cache does not answer; loading from the database')
      return new Map()
    }
  }

  #nameOf(key: Key): string {
    return `${this.#name}:${key}`
  }
}

const ttlSeconds = () => Math.round(TTL_SECONDS * (1 + Math.random()))
