import { ServiceError } from '@fanone/service-kit'
import type { RequestHandler } from 'express'
import { shedRequests } from './shed-requests.ts'

const LOOK_EVERY_MS = 50
/**
 * Share of the processor. Below it a process is late because it waits or others compute; refusing
 * work helps neither.
 */
const BUSY = 0.7
/** Weight of the newest look in the moving average. */
const NEWEST = 0.3

/**
 * Watches the delay of the event loop, which every request waits before anything is done for it.
 */
export class LoopWatch {
  #limitMs: number
  readonly #clocks: () => { nowMs: number; usedMs: number }
  #delayMs = 0
  #lookedAt: number
  #usedMs: number

  /**
   * @param options.limitMs delay up to which nothing is refused; at twice as much everything is
   * @param options.clocks time, and processor time of this thread, in ms
   */
  constructor({ limitMs, clocks = ownClocks }: { limitMs: number; clocks?: () => { nowMs: number; usedMs: number } }) {
    this.#limitMs = limitMs
    this.#clocks = clocks
    const { nowMs, usedMs } = clocks()
    this.#lookedAt = nowMs
    this.#usedMs = usedMs
  }

  start(): void {
    setInterval(() => this.look(), LOOK_EVERY_MS).unref()
  }

  /** Changes from which delay on requests are refused. */
  set limitMs(limitMs: number) {
    this.#limitMs = limitMs
  }

  /** Which share of the requests is too much now, from 0 to 1. */
  get excess(): number {
    return Math.min(1, Math.max(0, this.#delayMs / this.#limitMs - 1))
  }

  /** To be called every 50 ms. */
  look(): void {
    const { nowMs, usedMs } = this.#clocks()
    const elapsedMs = nowMs - this.#lookedAt
    const isBusy = usedMs - this.#usedMs > BUSY * elapsedMs
    const lateMs = isBusy ? Math.max(0, elapsedMs - LOOK_EVERY_MS) : 0
    this.#lookedAt = nowMs
    this.#usedMs = usedMs
    this.#delayMs += NEWEST * (lateMs - this.#delayMs)
  }
}

function ownClocks() {
  const { user, system } = process.threadCpuUsage()
  return { nowMs: performance.now(), usedMs: (user + system) / 1_000 }
}

/** Made once: capturing a stack costs more than the rest of a refusal. */
const refusal = new ServiceError('unavailable', { detail: 'The server is overloaded', retryAfterSeconds: 1 })

/**
 * Refuses as much of what comes in as this process cannot get to. The first thing that is done for
 * a request, because a refusal must cost nearly nothing to be of use.
 *
 * @param setHeaders sets the headers that every answer has
 */
export function shedExcess(watch: Pick<LoopWatch, 'excess'>, setHeaders: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const { excess } = watch
    if (excess === 0 || Math.random() >= excess) return next()
    shedRequests.inc({ reason: 'event_loop' })
    setHeaders(request, response, () => next(refusal))
  }
}
