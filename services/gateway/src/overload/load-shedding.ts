import type { IncomingMessage } from 'node:http'
import { Bulkheads, ServiceError } from '@fanone/service-kit'
import type { RequestHandler, Response } from 'express'
import type { RouteTable } from '../http/route-table.ts'
import { AdaptiveLimit } from './adaptive-limit.ts'
import type { LoopWatch } from './loop-watch.ts'
import { shedRequests } from './shed-requests.ts'

/** So short that it does not look like a slow route. */
const WRITE_WAIT_MS = 500

/** Made once: noting where an error was made costs more than all else that a refusal takes. */
const refusals = {
  event_loop: new ServiceError('unavailable', { detail: 'Too much is going on', retryAfterSeconds: 1 }),
  route: new ServiceError('unavailable', { detail: 'Too many are asking for this', retryAfterSeconds: 1 }),
}

/**
 * Refuses as much of what comes in as this process cannot get to. The first thing that is done for a request, because a refusal must cost
 * nearly nothing to be of use.
 *
 * @param setHeaders sets the headers that every answer has
 */
export function shedExcess(watch: Pick<LoopWatch, 'excess'>, setHeaders: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const { excess } = watch
    if (excess === 0 || Math.random() >= excess) return next()
    shedRequests.inc({ reason: 'event_loop' })
    setHeaders(request, response, () => next(refusals.event_loop))
  }
}

/**
 * Lets so many requests of one route go on at a time, fewer while they are answered late. More would only wait, here and in every service
 * behind, until their clients have left; and a route whose service hangs does not take the others with it.
 */
export class RouteBounds {
  readonly #table: RouteTable
  readonly #mostAtATime: number
  readonly #limits = new Map<string, AdaptiveLimit>()

  constructor(table: RouteTable, mostAtATime: number) {
    this.#table = table
    this.#mostAtATime = mostAtATime
  }

  /** Whether a request that reads would be refused now: a trace of it would cost more than the refusal, and tell no more than the metric. */
  isRefused({ method, url = '' }: IncomingMessage): boolean {
    // On the way of every request, so the route is looked up only while there is one that refuses.
    if (!isRead(method) || !this.#limits.values().some(({ isFull }) => isFull)) return false
    const [path = ''] = url.split('?')
    const template = this.#table.find(path)?.template
    return template !== undefined && this.#limits.get(`GET ${template}`)?.isFull === true
  }

  /**
   * For requests that read, as soon as their route is known: what is refused has cost nearly nothing.
   *
   * @param setHeaders sets the headers that every answer has
   */
  reads(setHeaders: RequestHandler): RequestHandler {
    return (request, response, next) => {
      if (!isRead(request.method)) return next()
      const entry = this.#table.find(request.path)
      if (!entry?.methods.includes('GET')) return next()
      request.routeTemplate = entry.template
      if (this.#enter(`GET ${entry.template}`, response)) return next()
      setHeaders(request, response, () => next(refusals.route))
    }
  }

  /** For the others, behind the reading of bodies, so that clients that send slowly take nobody's place. */
  changes(): RequestHandler {
    return (request, response, next) => {
      if (request.method === 'GET') return next()
      if (response.closed) return
      if (this.#enter(`${request.method} ${request.routeTemplate}`, response)) return next()
      throw refusals.route
    }
  }

  /** Takes a place, which is given back when the response is closed. @returns whether there was one */
  #enter(route: string, response: Response): boolean {
    const limit = this.#limits.get(route) ?? new AdaptiveLimit(this.#mostAtATime)
    this.#limits.set(route, limit)
    if (!limit.enter()) {
      shedRequests.inc({ reason: 'route' })
      return false
    }
    const enteredAt = performance.now()
    response.once('close', () => {
      const now = performance.now()
      limit.leave(now - enteredAt, now)
    })
    return true
  }
}

const isRead = (method: string | undefined) => method === 'GET' || method === 'HEAD'

/**
 * Lets one user make so many changes at a time, over all APIs; a few more wait. Changes of one user often meet in one row: without this a
 * single one who sends a hundred at once keeps the connections of a service, and opens the breaker of the operation for everybody.
 */
export function userWrites(atATime: number): Bulkheads {
  return new Bulkheads({
    running: atATime,
    waiting: { max: 3 * atATime, maxMs: WRITE_WAIT_MS },
    refusal: () => {
      shedRequests.inc({ reason: 'user_writes' })
      return new ServiceError('too_many_requests', { detail: 'Too many changes at a time', retryAfterSeconds: 1 })
    },
  })
}
