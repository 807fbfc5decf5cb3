import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { RouteCache, Surface } from '@fanone/contracts/gateway'
import { toServiceError, traced } from '@fanone/service-kit'
import type { Request, RequestHandler, Response } from 'express'
import { StaleCache } from '../calls/stale-cache.ts'
import type { Limits } from '../limits/limits.ts'
import { clientOf } from '../limits/rate-limiter.ts'
import type { FoundRoute, PublicRoute, RouteTable } from '../routing/route-table.ts'
import { type RenderRoute, toText } from './answer-route.ts'
import { chooseRequestId, securityHeaderList } from './response-headers.ts'

/** Longer addresses are not those of a first page. */
const MAX_URL_LENGTH = 200
/** Answers that are kept of one route. */
const MAX_ANSWERS = 100
/** After an outage the services behind a route are left alone for this long. */
const RETRY_MS = 1_000

/** An answer as it goes out. */
interface Snapshot {
  bytes: Buffer
  etag: string
}

/** The request that fills the memory. */
interface Filling {
  found: FoundRoute
  request: Request
  response: Response
}

export interface SharedAnswersOptions {
  table: RouteTable
  limits: Pick<Limits, 'rates' | 'routes'>
  render: RenderRoute
  /** Whether a request shows a token, by surface. */
  showsToken: Record<Surface, (request: IncomingMessage) => boolean>
  /** Clock in ms. */
  now?: () => number
}

/** A route whose answers are shared. */
interface SharedRoute {
  cacheControl: string
  answers: StaleCache<string, Snapshot, Filling>
}

/**
 * Answers requests without a token for the first page of routes with a shared `cache`: from memory,
 * as bytes made once. It runs before everything that other requests need and writes its headers at
 * once; all other requests pass on.
 */
export class SharedAnswers {
  readonly #options: SharedAnswersOptions
  readonly #routes = new Map<PublicRoute, SharedRoute>()

  constructor(options: SharedAnswersOptions) {
    this.#options = options
  }

  /**
   * Whether a request is answered from memory. A trace of it would cost more than the answer,
   * unless it brings its own.
   */
  isQuiet(request: IncomingMessage): boolean {
    return request.headers.traceparent === undefined && this.#find(request) !== undefined
  }

  /**
   * @param setHeaders sets the headers that every answer has, for errors and for pages of other
   *   origins
   */
  handler(setHeaders: RequestHandler): RequestHandler {
    return async (request, response, next) => {
      const found = this.#find(request)
      if (!found) return next()
      const { route } = found
      request.routeTemplate = route.path
      try {
        await this.#options.limits.rates.consume(
          `${route.method} ${route.path}`,
          clientOf(request, undefined),
          route.meta.rateLimit,
        )
        const { cacheControl, answers } = this.#routeOf(route)
        const snapshot = await answers.get(request.originalUrl, { found, request, response })
        const send = (headers: string[]) => sendSnapshot(snapshot, request, response, { cacheControl, headers })
        if (request.headers.origin === undefined) send(everyHeader(request))
        else setHeaders(request, response, () => send([]))
      } catch (error) {
        setHeaders(request, response, () => traced(`${request.method} ${route.path}`, () => next(error)))
      }
    }
  }

  /** The route of a request that may be answered from memory. */
  #find(request: IncomingMessage): (FoundRoute & { route: PublicRoute }) | undefined {
    const { table, showsToken } = this.#options
    const found = table.lookUp(request)
    const { route } = found ?? {}
    if (!found || !route?.meta.cache?.shared || showsToken[route.surface](request)) return undefined
    const { url = '' } = request
    return url.length > MAX_URL_LENGTH || url.includes('cursor=') ? undefined : { ...found, route }
  }

  #routeOf(route: PublicRoute): SharedRoute {
    const known = this.#routes.get(route)
    if (known) return known
    const { limits, render, now = Date.now } = this.#options
    const { seconds, shared } = route.meta.cache as Required<RouteCache>
    const answers = new StaleCache<string, Snapshot, Filling>({
      load: (_url, { found, request, response }) =>
        traced(`fill ${route.path}`, () =>
          limits.routes.run(route, async () =>
            toSnapshot(toText(await render(found, { request, response, identity: undefined }))),
          ),
        ),
      freshMs: seconds * 1_000,
      staleMs: shared.staleSeconds * 1_000,
      staleIfErrorMs: shared.staleIfErrorSeconds * 1_000,
      retryMs: RETRY_MS,
      isOutage: (failure) => toServiceError(failure).status >= 500,
      maxKeys: MAX_ANSWERS,
      now,
    })
    const made = { cacheControl: cacheControlOf({ seconds, shared }), answers }
    this.#routes.set(route, made)
    return made
  }
}

/** For caches on the way (RFC 9111, RFC 5861). */
function cacheControlOf({ seconds, shared }: Required<RouteCache>): string {
  const { staleSeconds, staleIfErrorSeconds } = shared
  const stale = staleSeconds > seconds ? `, stale-while-revalidate=${staleSeconds}` : ''
  return `public, max-age=${seconds}${stale}, stale-if-error=${staleIfErrorSeconds}`
}

const securityHeaders = securityHeaderList()
const everyHeader = (request: Request) => [
  ...securityHeaders,
  'X-Request-Id',
  chooseRequestId(request.headers['x-request-id']),
]

/** @param options.headers names and values in turn of those that are not set yet */
function sendSnapshot(
  { bytes, etag }: Snapshot,
  request: Request,
  response: Response,
  options: { cacheControl: string; headers: string[] },
): void {
  const earlier = response.getHeader('Vary')
  const vary = earlier === undefined ? 'Authorization' : `${earlier}, Authorization`
  const headers = [...options.headers, 'Vary', vary, 'ETag', etag, 'Cache-Control', options.cacheControl]
  if (isSame(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers).end()
    return
  }
  headers.push('Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(bytes.length))
  response.writeHead(200, headers).end(bytes)
}

function toSnapshot(text: string): Snapshot {
  const bytes = Buffer.from(text)
  return { bytes, etag: `"${hash('sha256', bytes, 'base64url').slice(0, 27)}"` }
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
function isSame(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
}
