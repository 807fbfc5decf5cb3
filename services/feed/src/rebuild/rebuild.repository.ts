import { ask, type FeedRedis, keys } from '../redis/feed-redis.ts'

/** How long the lock outlives a holder that died. */
const LOCK_MS = 5_000
export const RENEW_LOCK_EVERY_MS = 1_500

/** The lock of the rebuild, and when the timelines were last complete. */
export class RebuildRepository {
  readonly #redis: FeedRedis

  constructor(redis: FeedRedis) {
    this.#redis = redis
  }

  /**
   * When and in which run of Redis the last rebuild ended; undefined if the timelines were never
   * built or were lost.
   */
  async lastBuild(): Promise<{ atMs: number; redisRun: string } | undefined> {
    const value = await ask(this.#redis.get(keys.built))
    if (value === null) return undefined
    const [atMs, redisRun = ''] = value.split(' ')
    return { atMs: Number(atMs), redisRun }
  }

  /**
   * Identifies this run of the Redis server. A new run may have lost the last moments of the old
   * one.
   */
  async redisRun(): Promise<string> {
    const info = await ask(this.#redis.info('server'))
    return /^run_id:(\w+)/m.exec(info)?.[1] ?? ''
  }

  /** Whether counters, rankings or follows are missing since the last rebuild. */
  async areSupplementsMissing(): Promise<boolean> {
    return (await ask(this.#redis.exists(keys.supplementsMissing))) === 1
  }

  async setSupplementsMissing(areMissing: boolean): Promise<void> {
    if (areMissing) await ask(this.#redis.set(keys.supplementsMissing, ''))
    else await ask(this.#redis.del(keys.supplementsMissing))
  }

  /** Takes the lock of all instances. @returns whether it was free */
  async lock(token: string): Promise<boolean> {
    return (await ask(this.#redis.set(keys.rebuildLock, token, 'PX', LOCK_MS, 'NX'))) === 'OK'
  }

  async isLocked(): Promise<boolean> {
    return (await ask(this.#redis.exists(keys.rebuildLock))) === 1
  }

  /** @returns whether the lock was still the caller's */
  renew(token: string): Promise<boolean> {
    return this.#withLock('renew', token, LOCK_MS)
  }

  /**
   * Declares the timelines complete and frees the lock.
   *
   * @param redisRun in which the rebuild began
   * @returns false, declaring nothing, where the lock was lost
   */
  finish(token: string, redisRun: string): Promise<boolean> {
    return this.#withLock('finish', token, `${Date.now()} ${redisRun}`)
  }

  async release(token: string): Promise<void> {
    await this.#withLock('release', token, '')
  }

  async #withLock(action: 'renew' | 'finish' | 'release', token: string, argument: string | number): Promise<boolean> {
    return (await ask(this.#redis.rebuildLock(keys.rebuildLock, keys.built, action, token, argument))) === 1
  }
}
