import { type BulkheadPolicy, BulkheadRejectedError, bulkhead } from 'cockatiel'
import type { ServiceError } from './errors.ts'

export interface BulkheadOptions {
  /** How much of one key runs at a time. */
  running: number
  /** How much more of it may wait for that. */
  waiting?: number
  /** What is thrown at what finds no place. */
  refusal: (key: string) => ServiceError
}

/** Bounds how much of the same kind goes on at a time, so that one kind that hangs or comes in masses leaves room for the others. */
export class Bulkheads {
  readonly #options: BulkheadOptions
  readonly #byKey = new Map<string, BulkheadPolicy>()

  constructor(options: BulkheadOptions) {
    this.#options = options
  }

  /**
   * Does a piece of work, now or when there is room.
   *
   * @param key which kind it is of; a kind of which nothing goes on takes no memory
   * @throws the refusal where neither may be
   */
  async run<Result>(key: string, work: () => PromiseLike<Result> | Result): Promise<Result> {
    const { running, waiting = 0, refusal } = this.#options
    const known = this.#byKey.get(key)
    const policy = known ?? bulkhead(running, waiting)
    if (!known) this.#byKey.set(key, policy)
    try {
      return await policy.execute(() => work())
    } catch (error) {
      throw error instanceof BulkheadRejectedError ? refusal(key) : error
    } finally {
      if (policy.executionSlots === running && policy.queueSlots === waiting) this.#byKey.delete(key)
    }
  }
}
