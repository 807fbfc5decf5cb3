import type { IncomingMessage } from 'node:http'
import { ServiceError } from '@fanone/service-kit'
import type { RequestHandler, Response } from 'express'
import type { PublicRoute, RouteTable } from '../routing/route-table.ts'
import { shedRequests } from './shed-requests.ts'

/** Slower than this is too much at a time: sidecars wait 2 s for a service. */
const SLOW_MS = 1_000
/**
 * Always allowed: one slow answer is no overload, and one user with all the changes allowed at a
 * time takes half of it.
 */
const MIN_LIMIT = 32
const DECREASE = 0.8
/** A limit that nobody came near for so long tells of another time. */
const MEMORY_MS = 5_000

/** Made once: capturing a stack costs more than the rest of a refusal. */
const refusal = new ServiceError('unavailable', {
  detail: 'Too many requests for this right now',
  retryAfterSeconds: 1,
})

/**
 * Bounds the requests of one route in progress, more tightly while answers are late. More would
 * only wait, here and in every service behind, until their clients give up; and a route whose
 * service hangs does not take the others with it.
 */
export class RouteBounds {
  readonly #table: RouteTable
  #maxAtATime: number
  readonly #limits = new Map<PublicRoute, AdaptiveLimit>()
  readonly #places = new WeakMap<Response, () => void>()

  constructor(table: RouteTable, maxAtATime: number) {
    this.#table = table
    this.#maxAtATime = maxAtATime
  }

  /** Changes how many requests of a route go on at a time; those that do, go on. */
  set maxAtATime(max: number) {
    this.#maxAtATime = max
    for (const limit of this.#limits.values()) limit.max = max
  }

  /**
   * Whether a read would be refused now: its trace would cost more than the refusal and say no more
   * than the metric.
   */
  isRefused(request: IncomingMessage): boolean {
    // Every request comes by here, so nothing is looked up while no route refuses.
    if (!this.#limits.values().some(({ isFull }) => isFull)) return false
    const route = this.#table.lookUp(request)?.route
    return route?.method === 'GET' && this.#limits.get(route)?.isFull === true
  }

  /**
   * For requests that read, as soon as their route is known: what is refused has cost nearly
   * nothing.
   *
   * @param setHeaders sets the headers that every answer has
   */
  reads(setHeaders: RequestHandler): RequestHandler {
    return (request, response, next) => {
      const route = this.#table.lookUp(request)?.route
      if (route?.method !== 'GET') return next()
      request.routeTemplate = route.path
      if (this.#enter(route, response)) return next()
      setHeaders(request, response, () => next(refusal))
    }
  }

  /** For changes, once their bodies are read, so that slow senders hold no places. */
  changes(): RequestHandler {
    return (request, response, next) => {
      const route = this.#table.lookUp(request)?.route
      if (!route || route.method === 'GET') return next()
      if (response.closed) return
      if (this.#enter(route, response)) return next()
      throw refusal
    }
  }

  /**
   * Runs work for a route on behalf of many requests, as one of them.
   *
   * @throws ServiceError `unavailable` where too much of the route goes on
   */
  async run<Result>(route: PublicRoute, work: () => Promise<Result>): Promise<Result> {
    const leave = this.#take(route)
    if (!leave) throw refusal
    try {
      return await work()
    } finally {
      leave()
    }
  }

  /**
   * Gives the place of a request back while its answer goes on: a stream is not a slow answer, and
   * what bounds streams is `EventStreams`.
   */
  release(response: Response): void {
    this.#places.get(response)?.()
    this.#places.delete(response)
  }

  /**
   * Takes a place, which is given back when the response is closed.
   *
   * @returns whether there was one
   */
  #enter(route: PublicRoute, response: Response): boolean {
    const leave = this.#take(route)
    if (!leave) return false
    this.#places.set(response, leave)
    response.once('close', () => this.release(response))
    return true
  }

  /** @returns gives the place back; undefined where there is none */
  #take(route: PublicRoute): (() => void) | undefined {
    const limit = this.#limits.get(route) ?? new AdaptiveLimit(this.#maxAtATime)
    this.#limits.set(route, limit)
    const enteredAt = performance.now()
    if (!limit.enter(enteredAt)) {
      shedRequests.inc({ reason: 'route' })
      return undefined
    }
    return () => {
      const now = performance.now()
      limit.leave(now - enteredAt, now)
    }
  }
}

/**
 * A concurrency limit that follows latency: additive increase while answers come in time,
 * multiplicative decrease when they do not, as in TCP. A machine that is ten times slower today
 * gets a limit ten times lower. What an outage has taught it is forgotten in quieter times, or the
 * first crowd afterwards would be refused.
 */
export class AdaptiveLimit {
  #max: number
  #limit: number
  #running = 0
  #decreasedAt = Number.NEGATIVE_INFINITY
  /** When more than half of it was last in use, or too much. */
  #neededAt = Number.NEGATIVE_INFINITY

  constructor(max: number) {
    this.#max = max
    this.#limit = max
  }

  /** Changes the highest limit, where it begins again. */
  set max(max: number) {
    this.#max = max
    this.#limit = max
  }

  get isFull(): boolean {
    return this.#running >= Math.floor(this.#limit)
  }

  /**
   * @param nowMs on a clock that never jumps
   * @returns whether there is room, which then is taken
   */
  enter(nowMs: number): boolean {
    if (nowMs - this.#neededAt > MEMORY_MS) this.#limit = this.#max
    if (this.#running >= this.#limit / 2) this.#neededAt = nowMs
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
      if (wasFull) this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit)
      return
    }
    // What was let in before the last decrease says nothing about the limit since.
    if (nowMs - tookMs < this.#decreasedAt) return
    this.#limit = Math.max(Math.min(MIN_LIMIT, this.#max), this.#limit * DECREASE)
    this.#decreasedAt = nowMs
    this.#neededAt = nowMs
  }
}
