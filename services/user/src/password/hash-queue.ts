import { BoundedQueue, ServiceError } from '@fanone/service-kit'

/** Assumed duration of a hash until one was measured. */
const FIRST_GUESS_MS = 50
/** Weight of the newest duration in the moving average. */
const NEWEST = 0.1

/**
 * Bounds password hashes, which would otherwise take every core and libuv thread from other routes.
 * Rejects at once when the wait forecast from recent durations is too long: the caller would have
 * given up by then. The forecast may be wrong on a busy machine, so the wait itself is bounded too.
 */
export class HashQueue {
  readonly #queue: BoundedQueue
  readonly #concurrency: number
  readonly #maxWaitMs: number
  #averageMs = FIRST_GUESS_MS

  /**
   * @param options.concurrency tasks that run at the same time
   * @param options.maxWaitMs longest wait
   */
  constructor(options: { concurrency: number; maxWaitMs: number }) {
    this.#queue = new BoundedQueue(options.concurrency)
    this.#concurrency = options.concurrency
    this.#maxWaitMs = options.maxWaitMs
  }

  /**
   * For callers that have something to do before the hash, which would be for nothing.
   *
   * @throws ServiceError `too_many_requests` when the wait is too long
   */
  requireRoom(): void {
    const waitMs = this.#forecastMs()
    if (waitMs > this.#maxWaitMs) throw tooMany(waitMs)
  }

  /**
   * @param signal fires when the caller no longer waits for the result
   * @throws ServiceError `too_many_requests` when the wait is too long (not 503, which Dapr would
   *   repeat at once); `timeout` when the caller left
   */
  async run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    this.requireRoom()
    const waitMs = this.#forecastMs()
    return await this.#queue.run(() => this.#timed(task), {
      maxMs: this.#maxWaitMs,
      tooLong: () => tooMany(waitMs),
      signal,
    })
  }

  #forecastMs(): number {
    return this.#queue.isFull ? ((this.#queue.waiting + 1) * this.#averageMs) / this.#concurrency : 0
  }

  async #timed<Result>(task: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now()
    try {
      return await task()
    } finally {
      this.#averageMs += NEWEST * (performance.now() - startedAt - this.#averageMs)
    }
  }
}

function tooMany(waitMs: number): ServiceError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000))
  return new ServiceError('too_many_requests', { detail: 'many people are logging in right now', retryAfterSeconds })
}
