import { ask, type FeedRedis, keys } from '../redis/feed-redis.ts'

/** How long the lock outlives a holder that died. */
const LOCK_MS = 5_000
export const RENEW_LOCK_EVERY_MS = 1_500

/** Who rebuilds, and when the timelines were last complete. */
export class RebuildRepository {
  readonly #redis: FeedRedis

  constructor(redis: FeedRedis) {
    this.#redis = redis
  }

  /** When the last rebuild ended, in ms since 1970; undefined where the timelines were never built, or were lost. */
  async builtAtMs(): Promise<number | undefined> {
    const value = await ask(this.#redis.get(keys.built))
    return value === null ? undefined : Number(value)
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

  /** Declares the timelines complete and frees the lock. @returns false, declaring nothing, where the lock was lost */
  finish(token: string): Promise<boolean> {
    return this.#withLock('finish', token, Date.now())
  }

  async release(token: string): Promise<void> {
    await this.#withLock('release', token, '')
  }

  async #withLock(action: 'renew' | 'finish' | 'release', token: string, argument: string | number): Promise<boolean> {
    return (await ask(this.#redis.rebuildLock(keys.rebuildLock, keys.built, action, token, argument))) === 1
  }
}
