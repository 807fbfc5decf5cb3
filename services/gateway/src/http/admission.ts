import type { RouteMeta } from '@fanone/contracts/gateway'
import type { Identity } from '@fanone/service-kit'
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
  readonly #authenticate: Authenticate

  constructor(limiter: RateLimiter, authenticate: Authenticate) {
    this.#limiter = limiter
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
}
