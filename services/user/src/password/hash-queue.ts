import { ServiceError } from '@fanone/service-kit'

/** Taken for how long a hash takes until it is known. */
const FIRST_GUESS_MS = 50
/** Weight of the newest duration in the moving average. */
const NEWEST = 0.1

interface Waiting {
  enter: () => void
}

/**
 * Runs a bounded number of expensive tasks at a time; the others wait, first come first served, unless the wait would be too long.
 * Without the first bound log-ins would take every core and every libuv thread from the other routes; without the second they
 * would wait until their callers have given up, and be done for nobody. The wait is foreseen from how long tasks took lately,
 * because on a busy machine that changes severalfold; where that was wrong, the wait ends when it is too long. Whose caller goes away
 * leaves the line.
 */
export class HashQueue {
  readonly #concurrency: number
  readonly #maxWaitMs: number
  readonly #line: Waiting[] = []
  #running = 0
  #averageMs = FIRST_GUESS_MS

  /**
   * @param options.concurrency tasks that run at the same time
   * @param options.maxWaitMs longest wait
   */
  constructor(options: { concurrency: number; maxWaitMs: number }) {
    this.#concurrency = options.concurrency
    this.#maxWaitMs = options.maxWaitMs
  }

  /**
   * @param signal fires when nobody waits for the result any more
   * @throws ServiceError `too_many_requests` when the line is too long (not 503, which Dapr would send again at once); `timeout` when
   *   the caller left
   */
  async run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    if (this.#running < this.#concurrency) this.#running++
    else await this.#waitInLine(signal)
    const startedAt = performance.now()
    try {
      return await task()
    } finally {
      this.#averageMs += NEWEST * (performance.now() - startedAt - this.#averageMs)
      this.#leave()
    }
  }

  #waitInLine(signal: AbortSignal | undefined): Promise<void> {
    const waitMs = ((this.#line.length + 1) * this.#averageMs) / this.#concurrency
    if (waitMs > this.#maxWaitMs) throw tooMany(waitMs)
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        enter: () => {
          clearTimeout(tooLong)
          signal?.removeEventListener('abort', giveUp)
          resolve()
        },
      }
      const leave = (error: ServiceError) => {
        clearTimeout(tooLong)
        signal?.removeEventListener('abort', giveUp)
        this.#line.splice(this.#line.indexOf(waiting), 1)
        reject(error)
      }
      const giveUp = () => leave(new ServiceError('timeout', { detail: 'the caller did not wait' }))
      const tooLong = setTimeout(() => leave(tooMany(waitMs)), this.#maxWaitMs)
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#line.push(waiting)
    })
  }

  /** Hands the place to the next in line, so that nobody who comes now gets ahead of them. */
  #leave(): void {
    const next = this.#line.shift()
    if (next) next.enter()
    else this.#running--
  }
}

function tooMany(waitMs: number): ServiceError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000))
  return new ServiceError('too_many_requests', { detail: 'many people are logging in right now', retryAfterSeconds })
}
