import {
  errorHandler,
  type Logger,
  measureRequests,
  mountRouter,
  notFoundHandler,
  type ServiceError,
  sendProblem,
} from '@fanone/service-kit'
import type { AnyRouter } from '@orpc/server'
import cors from 'cors'
import express, { type Express, type RequestHandler, type Response, Router } from 'express'
import { type RouteBounds, shedExcess } from '../overload/load-shedding.ts'
import type { LoopWatch } from '../overload/loop-watch.ts'
import type { RouteContext } from './admission.ts'
import { dispatch } from './dispatch.ts'
import { nameRequests } from './request-id.ts'
import type { RouteTable, Surface } from './route-table.ts'
import { mediaHeaders, securityHeaders } from './security-headers.ts'

/** Headers of answers that a page of another origin may read. */
const EXPOSED_HEADERS = [
  'Access-Token',
  'ETag',
  'Location',
  'New-Access-Token',
  'New-Refresh-Token',
  'Refresh-Token',
  'Retry-After',
  'X-Request-Id',
]

/** One API, ready to be mounted. */
export interface SurfaceParts {
  /** Answers the upload route before the body is read. */
  upload: { path: string; handler: RequestHandler }
  /** Reads small bodies and collects parameters. */
  readBody: RequestHandler
  router: AnyRouter
  sendError: (response: Response, error: ServiceError) => void
}

export interface PublicAppParts {
  surfaces: Record<Surface, SurfaceParts>
  /** Stands before everything, so it is given what sets the headers that every answer has. */
  newestFeed: (setHeaders: RequestHandler) => RequestHandler
  /** Serves files by media key. */
  media: RequestHandler
  documentation: RequestHandler
  corsOrigins: string[]
  /** Proxies whose word about the client's address is taken. */
  trustedProxies: string[]
  loopWatch: Pick<LoopWatch, 'excess'>
  /** Which API a path belongs to. */
  table: RouteTable
  bounds: RouteBounds
  log: Logger
}

/** The Express app of the public port. What is asked most stands first. */
export function createPublicApp(parts: PublicAppParts): Express {
  const { surfaces, table, bounds, log } = parts
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.set('etag', 'strong')
  app.set('trust proxy', parts.trustedProxies.length > 0 ? parts.trustedProxies : false)
  const setHeaders = Router().use(nameRequests, securityHeaders())
  if (parts.corsOrigins.length > 0)
    setHeaders.use(cors({ origin: parts.corsOrigins, exposedHeaders: EXPOSED_HEADERS, maxAge: 600 }))
  app.use(
    measureRequests,
    shedExcess(parts.loopWatch, setHeaders),
    parts.newestFeed(setHeaders),
    bounds.reads(setHeaders),
    setHeaders,
  )
  app.use('/media', nameRoute('/media/{key}'), mediaHeaders(), parts.media, notFoundHandler)
  app.use(parts.documentation)
  app.use(
    dispatch(table, {
      v1: mountSurface(surfaces.v1, bounds, log),
      fanone: mountSurface(surfaces.fanone, bounds, log),
      douyin: mountSurface(surfaces.douyin, bounds, log),
    }),
  )
  const sendErrorOf = (path: string) => surfaces[table.find(path)?.surface ?? 'v1'].sendError
  app.use(errorHandler(log, (response, error) => sendErrorOf(response.req.path)(response, error)))
  return app
}

/** Problem details that nothing on the way may keep. */
export function sendV1Error(response: Response, error: ServiceError): void {
  response.set('Cache-Control', 'no-store')
  sendProblem(response, error)
}

function mountSurface(surface: SurfaceParts, bounds: RouteBounds, log: Logger): RequestHandler {
  const { sendError } = surface
  return Router()
    .post(surface.upload.path, surface.upload.handler)
    .use(
      surface.readBody,
      bounds.changes(),
      mountRouter<RouteContext>(surface.router, {
        log,
        sendError,
        createContext: (request, response) => ({ request, response }),
      }),
      notFoundHandler,
      errorHandler(log, sendError),
    )
}

function nameRoute(template: string): RequestHandler {
  return (request, _response, next) => {
    request.routeTemplate = template
    next()
  }
}
