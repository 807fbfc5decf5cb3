import type { RouteMeta } from '@fanone/contracts/gateway'
import type { Bulkheads, Identity } from '@fanone/service-kit'
import type { Request, Response } from 'express'
import { clientOf, type RateLimiter } from '../limits/rate-limiter.ts'

/**
 * How a surface finds out who calls: undefined for nobody.
 *
 * @throws ServiceError where the route needs a caller and there is none, or the token is not good
 */
export type Authenticate = (
  request: Request,
  response: Response,
  access: RouteMeta['access'],
) => Promise<Identity | undefined>

/** What handlers of all surfaces receive. */
export interface RouteContext {
  request: Request
  response: Response
}

/** A route as the gateway guards it. */
export interface GuardedRoute {
  path: string
  meta: RouteMeta
}

/** Decides whether a request gets as far as its handler: who is it, and has it not asked too often. */
export class Admission {
  readonly #limiter: RateLimiter
  readonly #writes: Bulkheads
  readonly #authenticate: Authenticate

  /** @param limits.writes of one user at a time, by user id */
  constructor(limits: { rates: RateLimiter; writes: Bulkheads }, authenticate: Authenticate) {
    this.#limiter = limits.rates
    this.#writes = limits.writes
    this.#authenticate = authenticate
  }

  /**
   * @returns who calls
   * @throws ServiceError of authentication, or `too_many_requests`; bad tokens count for the address they come from
   */
  async admit(route: GuardedRoute, context: RouteContext): Promise<Identity | undefined> {
    const { request, response } = context
    const { access, rateLimit } = route.meta
    let identity: Identity | undefined
    let refusal: unknown
    if (access !== 'public') {
      try {
        identity = await this.#authenticate(request, response, access)
      } catch (error) {
        refusal = error
      }
      response.vary('Authorization')
    }
    await this.#limiter.consume(`${request.method} ${route.path}`, clientOf(request, identity), rateLimit)
    if (refusal) throw refusal
    response.set('Cache-Control', access === 'public' ? 'no-cache' : 'private, no-cache')
    return identity
  }

  /**
   * Runs an admitted handler, beside not too many other changes of the same user.
   *
   * @throws ServiceError `too_many_requests`
   */
  run<Result>(request: Request, identity: Identity | undefined, handler: () => PromiseLike<Result> | Result) {
    if (!identity || request.method === 'GET') return handler()
    return this.#writes.run(String(identity.userId), handler)
  }
}
