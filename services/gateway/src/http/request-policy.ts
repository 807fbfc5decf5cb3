import type { RouteMeta } from '@fanone/contracts/gateway'
import { type Bulkheads, type Identity, requireOperator } from '@fanone/service-kit'
import type { Request, Response } from 'express'
import { clientOf, type RateLimiter } from '../limits/rate-limiter.ts'
import type { PublicRoute } from '../routing/route-table.ts'

/**
 * How a surface identifies the caller; undefined for nobody.
 *
 * @throws ServiceError where the route requires a caller and there is none, or the token is not
 *   good
 */
export type Authenticate = (
  request: Request,
  response: Response,
  access: RouteMeta['access'],
) => Promise<Identity | undefined>

export interface RequestPolicyOptions {
  authenticate: Authenticate
  rates: RateLimiter
  /** Changes of one user at a time, by user id. */
  userWrites: Bulkheads
}

/**
 * What a surface requires of a request before its handler runs: a caller where one is required, and
 * not too many requests.
 */
export class RequestPolicy {
  readonly #options: RequestPolicyOptions

  constructor(options: RequestPolicyOptions) {
    this.#options = options
  }

  /**
   * @returns the caller
   * @throws ServiceError of authentication, `forbidden` for who is no operator where only they
   *   may, or `too_many_requests`; bad tokens count for the address they come from
   */
  async authorize(route: PublicRoute, request: Request, response: Response): Promise<Identity | undefined> {
    const { access, rateLimit, cache } = route.meta
    let identity: Identity | undefined
    let refusal: unknown
    if (access !== 'public') {
      try {
        identity = await this.#options.authenticate(request, response, access)
        if (access === 'operator') requireOperator({ identity })
      } catch (error) {
        refusal = error
      }
      response.vary('Authorization')
    }
    await this.#options.rates.consume(`${route.method} ${route.path}`, clientOf(request, identity), rateLimit)
    if (refusal) throw refusal
    const isPublic = access === 'public'
    if (isPublic && cache) response.set('Cache-Control', `public, max-age=${cache.seconds}`)
    else response.set('Cache-Control', isPublic ? 'no-cache' : 'private, no-cache')
    return identity
  }

  /**
   * Runs the handler of an authorized request, within the bound on changes of one user at a time.
   *
   * @throws ServiceError `too_many_requests`
   */
  run<Result>(request: Request, identity: Identity | undefined, handler: () => PromiseLike<Result> | Result) {
    if (!identity || request.method === 'GET') return handler()
    return this.#options.userWrites.run(String(identity.userId), handler)
  }
}
