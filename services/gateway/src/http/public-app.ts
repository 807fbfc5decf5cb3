import type { IncomingMessage } from 'node:http'
import type { Surface } from '@fanone/contracts/gateway'
import { errorHandler, type Logger, measureRequests, notFoundHandler, type ServiceError } from '@fanone/service-kit'
import express, { type Express, type RequestHandler, type Response, Router } from 'express'
import type { Limits } from '../limits/limits.ts'
import { shedExcess } from '../limits/loop-watch.ts'
import { nounOf, type RouteTable, surfaceOf, verbOf } from '../routing/route-table.ts'
import { answerRoute, dispatch, type RenderRoute } from './answer-route.ts'
import { countPlaybackStarts } from './playback.metrics.ts'
import type { RequestPolicy } from './request-policy.ts'
import { headersOfEveryAnswer, mediaHeaders } from './response-headers.ts'
import { SharedAnswers } from './shared-answers.ts'

/** One API's own rules. */
export interface SurfaceParts {
  policy: RequestPolicy
  /** Whether a request shows a token, good or bad. */
  showsToken: (request: IncomingMessage) => boolean
  /** Reads small bodies and collects parameters. */
  readBody: RequestHandler
  /** Answers the routes of the noun `uploads`, whose bodies nothing else reads. */
  upload: RequestHandler
  /** The same for the noun `pictures`, by the last part of the names of its routes. */
  pictures: Record<string, RequestHandler>
  sendError: (response: Response, error: ServiceError) => void
}

export interface PublicAppParts {
  surfaces: Record<Surface, SurfaceParts>
  /** The handlers of all surfaces. */
  render: RenderRoute
  /** Finds the route of a request. */
  table: RouteTable
  limits: Limits
  /** Set before all others on what has to do with resumable uploads. */
  tusHeaders: RequestHandler
  /** Serve files by media key, one after the other. */
  media: RequestHandler[]
  documentation: RequestHandler
  /** Serves pages to browsers, where no API has a route. */
  site: RequestHandler
  corsOrigins: string[]
  /** Proxies whose word about the client's address is taken. */
  trustedProxies: string[]
  log: Logger
}

/** The public app. */
export interface PublicApp {
  app: Express
  /** Whether a request makes no trace, unless it brings one. */
  isQuiet: (request: IncomingMessage) => boolean
}

/** The Express app of the public port. What is asked most stands first. */
export function createPublicApp(parts: PublicAppParts): PublicApp {
  const { surfaces, table, limits, render, log } = parts
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.set('etag', 'strong')
  app.set('trust proxy', parts.trustedProxies.length > 0 ? parts.trustedProxies : false)
  const setHeaders = headersOfEveryAnswer(parts.corsOrigins)
  const { v1, fanone, douyin } = surfaces
  const shared = new SharedAnswers({
    table,
    limits,
    render,
    showsToken: { v1: v1.showsToken, fanone: fanone.showsToken, douyin: douyin.showsToken },
  })
  app.use('/v1/uploads', parts.tusHeaders)
  app.use(
    measureRequests,
    shedExcess(limits.loop, setHeaders),
    shared.handler(setHeaders),
    limits.routes.reads(setHeaders),
    setHeaders,
  )
  app.use('/media', nameRoute('/media/{key}'), mediaHeaders(), countPlaybackStarts, parts.media, notFoundHandler)
  app.use(parts.documentation, parts.site)
  const mount = (surface: SurfaceParts) => mountSurface(surface, { limits, render })
  app.use(dispatch(table, { v1: mount(v1), fanone: mount(fanone), douyin: mount(douyin) }))
  const sendErrorOf = ({ req }: Response) => surfaces[table.lookUp(req)?.entry.surface ?? surfaceOf(req.path)].sendError
  app.use(errorHandler(log, (response, error) => sendErrorOf(response)(response, error)))
  return { app, isQuiet: (request) => shared.isQuiet(request) || limits.routes.isRefused(request) }
}

function mountSurface(
  { policy, readBody, upload, pictures }: SurfaceParts,
  { limits, render }: { limits: Limits; render: RenderRoute },
): RequestHandler {
  const answer = Router().use(readBody, limits.routes.changes(), answerRoute({ policy, render }))
  return (request, response, next) => {
    const route = request.foundRoute?.route
    const isUpload = route !== undefined && nounOf(route) === 'uploads'
    const picture = route && nounOf(route) === 'pictures' ? pictures[verbOf(route)] : undefined
    return (isUpload ? upload : (picture ?? answer))(request, response, next)
  }
}

function nameRoute(template: string): RequestHandler {
  return (request, _response, next) => {
    request.routeTemplate = template
    next()
  }
}
