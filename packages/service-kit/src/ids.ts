import { composeId, ID_SEQUENCE_COUNT } from '@fanone/contracts'

/**
 * Makes the unique, time-ordered ids of one worker. A clock that goes back does not matter, and
 * nothing waits: more than 128 ids in a millisecond borrow from the next one.
 */
export class IdGenerator {
  readonly #worker: () => number
  readonly #now: () => number
  #lastMs = 0
  #sequence = 0

  /**
   * @param worker returns the leased worker number, 0 to 31; throws while there is no lease
   * @param now clock in ms since 1970
   */
  constructor(worker: () => number, now: () => number = Date.now) {
    this.#worker = worker
    this.#now = now
  }

  next(): number {
    const worker = this.#worker()
    const nowMs = this.#now()
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs
      this.#sequence = 0
    } else if (++this.#sequence === ID_SEQUENCE_COUNT) {
      this.#lastMs++
      this.#sequence = 0
    }
    return composeId({ timeMs: this.#lastMs, worker, sequence: this.#sequence })
  }
}
