import { BoundedQueue, hasCode, ServiceError } from '@fanone/service-kit'
import { shedRequests } from './shed-requests.ts'

/**
 * How long a request waits for room. Whoever comes again at once after a refusal costs much less
 * while they wait.
 */
const WAIT_MS = 500
/** How long a bound stays without being confirmed by a refusal. */
const TRUSTED_MS = 1_000
const INCREASE = 1.25

/**
 * Bounds what waits for a password hash at the user service. That service refuses who would wait
 * too long; what it was working on at that time is what it has room for, so the rest waits here, or
 * is refused here, before anything is done for it. Once a second some more are tried.
 */
export class HashBound {
  readonly #waitMs: number
  readonly #queue = new BoundedQueue(Number.POSITIVE_INFINITY)
  #most = Number.POSITIVE_INFINITY
  #underWay = 0
  #trustedUntil = 0

  /** @param waitMs the longest wait */
  constructor(waitMs = WAIT_MS) {
    this.#waitMs = waitMs
  }

  /**
   * @param call a call of the user service that hashes a password
   * @throws ServiceError `too_many_requests`
   */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    this.#refresh()
    return await this.#queue.run(() => this.#call(call), { maxMs: this.#waitMs, tooLong: refuse })
  }

  async #call<Result>(call: () => Promise<Result>): Promise<Result> {
    const ahead = this.#underWay++
    try {
      return await call()
    } catch (error) {
      if (hasCode(error, 'too_many_requests')) this.#learn(ahead)
      throw error
    } finally {
      this.#underWay--
    }
  }

  /** @param ahead how many were under way before the one that was refused */
  #learn(ahead: number): void {
    this.#resize(Math.max(1, Math.min(this.#most, ahead)))
  }

  #refresh(): void {
    if (this.#most === Number.POSITIVE_INFINITY || performance.now() < this.#trustedUntil) return
    this.#resize(this.#queue.isFull ? Math.ceil(this.#most * INCREASE) : Number.POSITIVE_INFINITY)
  }

  #resize(most: number): void {
    this.#most = most
    this.#trustedUntil = performance.now() + TRUSTED_MS
    this.#queue.resize(most)
  }
}

/** Made once: capturing a stack costs more than the rest of a refusal. */
const refusal = new ServiceError('too_many_requests', {
  detail: 'Many people are logging in right now',
  retryAfterSeconds: 1,
})

function refuse(): ServiceError {
  shedRequests.inc({ reason: 'hashes' })
  return refusal
}
