import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { rateLimits, type v1Contract } from '@fanone/contracts/gateway'
import { leaveUntraced, traced } from '@fanone/service-kit'
import type { InferContractRouterOutputs } from '@orpc/contract'
import type { Request, RequestHandler, Response } from 'express'
import { StaleCache } from '../calls/stale-cache.ts'
import { chooseRequestId } from '../http/request-id.ts'
import { securityHeaderList } from '../http/security-headers.ts'
import { clientOf, type RateLimiter } from '../limits/rate-limiter.ts'

const PATH = '/v1/feeds/newest'
/** Only the first page, in the forms clients really send: everything else is answered by the route itself. */
const FIRST_PAGE = /^\/v1\/feeds\/newest(?:\?limit=([1-9]\d?|100))?$/
const DEFAULT_LIMIT = 20
const CACHE_CONTROL = 'public, max-age=1, stale-while-revalidate=10, stale-if-error=60'

type Page = InferContractRouterOutputs<typeof v1Contract>['feeds']['newest']

/** A page as it goes out. */
interface Snapshot {
  bytes: Buffer
  etag: string
}

export interface NewestFeedOptions {
  load: (page: { limit: number }) => Promise<Page>
  limiter: RateLimiter
  /** Clock in ms. */
  now?: () => number
}

/** How many items a request wants of the first page, without a token; undefined for every other request. */
function firstPageSize(request: IncomingMessage): number | undefined {
  if (request.headers.authorization !== undefined) return undefined
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined
  const match = FIRST_PAGE.exec(request.url ?? '')
  if (!match) return undefined
  return match[1] === undefined ? DEFAULT_LIMIT : Number(match[1])
}

/**
 * A trace would cost more than the answer. Filling the memory and errors make one, and so does who asks for it by sending its own.
 */
export function leaveNewestFeedUntraced(): void {
  leaveUntraced((request) => firstPageSize(request) !== undefined && request.headers.traceparent === undefined)
}

/**
 * Answers the first page of the newest feed to everybody who shows no token: from memory, as bytes made once a second. It stands
 * before everything that other routes need and writes its headers at once. Requests it does not take go on.
 *
 * @returns takes what sets the headers that every answer has, for errors and for pages of other origins
 */
export function newestFeedHandler(options: NewestFeedOptions): (setHeaders: RequestHandler) => RequestHandler {
  const cache = new StaleCache<number, Snapshot>({
    load: (limit) => traced('fill newest feed', async () => toSnapshot(await options.load({ limit }))),
    freshMs: 1_000,
    staleMs: 10_000,
    staleIfErrorMs: 60_000,
    retryMs: 1_000,
    maxKeys: 100,
    ...(options.now ? { now: options.now } : {}),
  })
  return (setHeaders) => async (request, response, next) => {
    const limit = firstPageSize(request)
    if (limit === undefined) return next()
    request.routeTemplate = PATH
    try {
      await options.limiter.consume(`GET ${PATH}`, clientOf(request, undefined), rateLimits.feed)
      const snapshot = await cache.get(limit)
      if (request.headers.origin === undefined) sendSnapshot(snapshot, request, response, everyAnswer(request))
      else setHeaders(request, response, () => sendSnapshot(snapshot, request, response, []))
    } catch (error) {
      setHeaders(request, response, () => traced(`${request.method} ${PATH}`, () => next(error)))
    }
  }
}

const securityHeaders = securityHeaderList()
const everyAnswer = (request: Request) => [
  ...securityHeaders,
  'X-Request-Id',
  chooseRequestId(request.headers['x-request-id']),
]

/** @param others names and values in turn of the headers that are not set yet */
function sendSnapshot({ bytes, etag }: Snapshot, request: Request, response: Response, others: string[]): void {
  const earlier = response.getHeader('Vary')
  const vary = earlier === undefined ? 'Authorization' : `${earlier}, Authorization`
  const headers = [...others, 'Vary', vary, 'ETag', etag, 'Cache-Control', CACHE_CONTROL]
  if (isSame(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers).end()
    return
  }
  headers.push('Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(bytes.length))
  response.writeHead(200, headers).end(bytes)
}

function toSnapshot(page: Page): Snapshot {
  const bytes = Buffer.from(JSON.stringify(page))
  return { bytes, etag: `"${hash('sha256', bytes, 'base64url').slice(0, 27)}"` }
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2). */
function isSame(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag)
}
