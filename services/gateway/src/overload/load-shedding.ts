import { Bulkheads, ServiceError } from '@fanone/service-kit'
import type { RequestHandler } from 'express'
import { AdaptiveLimit } from './adaptive-limit.ts'
import type { LoopWatch } from './loop-watch.ts'
import { shedRequests } from './shed-requests.ts'

/** So short that it does not look like a slow route. */
const WRITE_WAIT_MS = 500

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
    setHeaders(request, response, () =>
      next(new ServiceError('unavailable', { detail: 'Too much is going on', retryAfterSeconds: 1 })),
    )
  }
}

/**
 * Lets so many requests of one route go on at a time, fewer while they are answered late. More would only wait, here and in every service
 * behind, until their clients have left; and a route whose service hangs does not take the others with it. It stands behind the reading of
 * bodies, so that clients that send slowly take nobody's place.
 */
export function boundRoutes(mostAtATime: number): RequestHandler {
  const limits = new Map<string, AdaptiveLimit>()
  const limitOf = (route: string) => {
    const known = limits.get(route)
    if (known) return known
    const limit = new AdaptiveLimit(mostAtATime)
    limits.set(route, limit)
    return limit
  }
  return (request, response, next) => {
    if (response.closed) return
    const limit = limitOf(`${request.method} ${request.routeTemplate}`)
    if (!limit.enter()) {
      shedRequests.inc({ reason: 'route' })
      throw new ServiceError('unavailable', { detail: 'Too many are asking for this', retryAfterSeconds: 1 })
    }
    const enteredAt = performance.now()
    response.once('close', () => {
      const now = performance.now()
      limit.leave(now - enteredAt, now)
    })
    next()
  }
}

/**
 * Lets one user make so many changes at a time, over all APIs; a few more wait. Changes of one user often meet in one row: without this a
 * single one who sends a hundred at once keeps the connections of a service, and opens the breaker of the operation for everybody.
 */
export function userWrites(atATime: number): Bulkheads {
  return new Bulkheads({
    running: atATime,
    waiting: { most: 3 * atATime, maxMs: WRITE_WAIT_MS },
    refusal: () => {
      shedRequests.inc({ reason: 'user_writes' })
      return new ServiceError('too_many_requests', { detail: 'Too many changes at a time', retryAfterSeconds: 1 })
    },
  })
}
