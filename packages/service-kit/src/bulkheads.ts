import { type BulkheadPolicy, BulkheadRejectedError, bulkhead } from 'cockatiel'
import type { ServiceError } from './errors.ts'

export interface BulkheadOptions {
  /** How much of one key runs at a time. */
  running: number
  /** How much more of it may wait for that, and for how long. */
  waiting?: { most: number; maxMs: number }
  /** What is thrown at what finds no place. */
  refusal: (key: string) => ServiceError
}

/** Bounds how much of the same kind goes on at a time, so that one kind that hangs or comes in masses leaves room for the others. */
export class Bulkheads {
  readonly #running: number
  readonly #waiting: { most: number; maxMs: number }
  readonly #refusal: (key: string) => ServiceError
  readonly #byKey = new Map<string, BulkheadPolicy>()

  constructor({ running, waiting = { most: 0, maxMs: 0 }, refusal }: BulkheadOptions) {
    this.#running = running
    this.#waiting = waiting
    this.#refusal = refusal
  }

  /**
   * Does a piece of work, now or when there is room.
   *
   * @param key which kind it is of; a kind of which nothing goes on takes no memory
   * @throws the refusal where neither may be
   */
  async run<Result>(key: string, work: () => PromiseLike<Result> | Result): Promise<Result> {
    const policy = this.#byKey.get(key) ?? bulkhead(this.#running, this.#waiting.most)
    this.#byKey.set(key, policy)
    const hasRoom = policy.executionSlots > 0
    const leaving = new AbortController()
    let giveUp: NodeJS.Timeout | undefined
    const done = policy
      .execute(() => {
        clearTimeout(giveUp)
        return work()
      }, leaving.signal)
      .finally(() => this.#forgetIdle(key, policy))
    try {
      if (hasRoom) return await done
      const tooLong = new Promise<never>((_, reject) => {
        giveUp = setTimeout(() => {
          leaving.abort()
          reject(this.#refusal(key))
        }, this.#waiting.maxMs)
      })
      return await Promise.race([done, tooLong])
    } catch (error) {
      clearTimeout(giveUp)
      throw error instanceof BulkheadRejectedError ? this.#refusal(key) : error
    }
  }

  #forgetIdle(key: string, policy: BulkheadPolicy): void {
    const isIdle = policy.executionSlots === this.#running && policy.queueSlots === this.#waiting.most
    if (isIdle && this.#byKey.get(key) === policy) this.#byKey.delete(key)
  }
}
