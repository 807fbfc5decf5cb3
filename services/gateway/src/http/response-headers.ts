import { randomUUID } from 'node:crypto'
import cors from 'cors'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import helmet from 'helmet'

/** Headers of answers that a page of another origin may read. */
const EXPOSED_HEADERS = [
  'Access-Token',
  'ETag',
  'Location',
  'New-Access-Token',
  'New-Refresh-Token',
  'Refresh-Token',
  'Retry-After',
  'Tus-Checksum-Algorithm',
  'Tus-Extension',
  'Tus-Max-Size',
  'Tus-Resumable',
  'Tus-Version',
  'Upload-Concat',
  'Upload-Expires',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
  'X-Request-Id',
]

/**
 * Sets the headers that every answer has, for the configured origins also those that let their
 * pages read it.
 */
export function headersOfEveryAnswer(corsOrigins: string[]): RequestHandler {
  const setHeaders = Router().use(nameRequests, securityHeaders())
  if (corsOrigins.length === 0) return setHeaders
  return setHeaders.use(cors({ origin: corsOrigins, exposedHeaders: EXPOSED_HEADERS, maxAge: 600 }))
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

/** The id a client gave its request, if it is harmless to repeat and to log; else a new one. */
export function chooseRequestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}

/** Names every request in its answer, so that people can tell us which one they mean. */
const nameRequests: RequestHandler = (request, response, next) => {
  request.id = chooseRequestId(request.headers['x-request-id'])
  response.setHeader('X-Request-Id', request.id)
  next()
}

/**
 * Answers of the API are data: no browser has a reason to run, frame or load anything because of
 * them.
 */
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'same-site' },
  })
}

/**
 * The security headers, names and values in turn, for answers that are so cheap that setting
 * headers one by one shows.
 */
export function securityHeaderList(): string[] {
  const list: string[] = []
  const collector = {
    setHeader: (name: string, value: string) => list.push(name, value),
    removeHeader: () => undefined,
  }
  securityHeaders()({} as Request, collector as unknown as Response, () => undefined)
  return list
}

/**
 * The API page runs our own scripts; Swagger UI sets style attributes and draws its icons from data
 * URLs.
 */
export function documentationHeaders(): RequestHandler {
  return helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:'],
      'connect-src': ["'self'"],
      'frame-ancestors': ["'none'"],
      'base-uri': ["'none'"],
    },
  })
}

/** Media may be shown on any page, but a file that turned out to be a document may do nothing. */
export function mediaHeaders(): RequestHandler {
  return Router().use(
    helmet.crossOriginResourcePolicy({ policy: 'cross-origin' }),
    helmet.contentSecurityPolicy({
      useDefaults: false,
      directives: { 'default-src': ["'none'"], sandbox: [], 'frame-ancestors': ["'none'"] },
    }),
  )
}

declare global {
  namespace Express {
    interface Request {
      id: string
    }
  }
}
