import { type Request, type RequestHandler, type Response, Router } from 'express'
import helmet from 'helmet'

/** Answers of the API are data: no browser has a reason to run, frame or load anything because of them. */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'same-site' },
  })
}

/** The same, names and values in turn, for answers that are so cheap that setting headers one by one shows. */
export function securityHeaderList(): string[] {
  const list: string[] = []
  const collector = {
    setHeader: (name: string, value: string) => list.push(name, value),
    removeHeader: () => undefined,
  }
  securityHeaders()({} as Request, collector as unknown as Response, () => undefined)
  return list
}

/** The API page runs our own scripts; Swagger UI sets style attributes and draws its icons from data URLs. */
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
