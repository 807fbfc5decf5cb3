import { performance } from 'node:perf_hooks'

const LOOK_EVERY_MS = 50
/** A process that mostly waits is late because others have the processor; refusing work would not help it. */
const BUSY = 0.95
/** Weight of the newest look in the moving average. */
const NEWEST = 0.3

/** Watches how late this process gets to what is due, which is how long every request waits before anything is done for it. */
export class LoopWatch {
  readonly #limitMs: number
  #delayMs = 0
  #last = performance.eventLoopUtilization()
  #dueAt = 0

  /** @param limitMs delay up to which nothing is refused; at twice as much everything is */
  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  start(): void {
    this.#dueAt = performance.now() + LOOK_EVERY_MS
    setInterval(() => this.#look(), LOOK_EVERY_MS).unref()
  }

  /** Which share of the requests is too much now, from 0 to 1. */
  get excess(): number {
    return Math.min(1, Math.max(0, this.#delayMs / this.#limitMs - 1))
  }

  #look(): void {
    const now = performance.now()
    const { utilization } = performance.eventLoopUtilization(this.#last)
    this.#last = performance.eventLoopUtilization()
    const lateMs = utilization > BUSY ? Math.max(0, now - this.#dueAt) : 0
    this.#dueAt = now + LOOK_EVERY_MS
    this.#delayMs += NEWEST * (lateMs - this.#delayMs)
  }
}
