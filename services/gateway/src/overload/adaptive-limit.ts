/** Slower than this is too much at a time: sidecars wait 2 s for a service. */
const SLOW_MS = 1_000
/** What always may go on: a slow answer is no overload, and one user with all the changes they may have under way takes half of it. */
const LEAST = 32
const DECREASE = 0.8

/**
 * How much may go on at a time, found out from how long it takes: a little more while answers come in time, a good deal less when they do not
 * (additive increase, multiplicative decrease, as TCP does). A machine that is ten times slower today gets a limit ten times lower.
 */
export class AdaptiveLimit {
  readonly #most: number
  #limit: number
  #running = 0
  #decreasedAt = Number.NEGATIVE_INFINITY

  constructor(most: number) {
    this.#most = most
    this.#limit = most
  }

  get isFull(): boolean {
    return this.#running >= Math.floor(this.#limit)
  }

  /** @returns whether there is room, which then is taken */
  enter(): boolean {
    if (this.isFull) return false
    this.#running++
    return true
  }

  /**
   * Gives the room back.
   *
   * @param tookMs since `enter`
   * @param nowMs on a clock that never jumps
   */
  leave(tookMs: number, nowMs: number): void {
    const wasFull = this.#running > this.#limit / 2
    this.#running--
    if (tookMs <= SLOW_MS) {
      if (wasFull) this.#limit = Math.min(this.#most, this.#limit + 1 / this.#limit)
      return
    }
    // What was let in before the last decrease says nothing about the limit since.
    if (nowMs - tookMs < this.#decreasedAt) return
    this.#limit = Math.max(Math.min(LEAST, this.#most), this.#limit * DECREASE)
    this.#decreasedAt = nowMs
  }
}
