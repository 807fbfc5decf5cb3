import { timingSafeEqual } from 'node:crypto'
import type { AnyRouter } from '@orpc/server'
import express, { type Express, type RequestHandler } from 'express'
import type { BatchSubscription } from './batches.ts'
import type { BaseConfig } from './config.ts'
import type { Publisher } from './dapr/publish.ts'
import { DeadLetters } from './dead-letters.ts'
import { ServiceError } from './errors.ts'
import { errorHandler, measureRequests, mountRouter, notFoundHandler, sendRefusal } from './http.ts'
import { readContext } from './identity.ts'
import type { Logger } from './log.ts'
import { changeLogLevel, LOG_LEVEL_ROUTE } from './log-level.ts'
import { register } from './metrics.ts'
import { sharedRequests } from './shared-requests.ts'
import { type Subscription, subscriptionRoutes } from './subscriptions.ts'

/** What the app port serves. */
export interface Served {
  router: AnyRouter | undefined
  subscriptions: (Subscription | BatchSubscription)[]
}

/** The app the sidecar talks to: health and metrics for probes, the rest only with the token. */
export function createAppPort(
  { router, subscriptions }: Served,
  options: { config: BaseConfig; log: Logger; health: { isServing: boolean }; publisher: Publisher },
): Express {
  const { config, log, health, publisher } = options
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.get('/healthz', (_request, response) => {
    response.status(health.isServing ? 200 : 503).json({ status: health.isServing ? 'serving' : 'not serving' })
  })
  app.get('/metrics', async (_request, response) => {
    response.type(register.contentType).send(await register.metrics())
  })
  app.use(measureRequests)
  if (config.APP_API_TOKEN) app.use(requireToken(config.APP_API_TOKEN))
  app.put(LOG_LEVEL_ROUTE, changeLogLevel(log))
  const deadLetters = new DeadLetters({ publisher, appId: config.APP_ID, log })
  app.use(subscriptionRoutes(subscriptions, { log, deadLetters }))
  if (router) {
    app.use('/internal', express.json({ limit: '1mb' }))
    app.use(sharedRequests(router, { log }))
    app.use(mountRouter(router, { log, createContext: ({ headers }) => readContext(headers), sendError: sendRefusal }))
  }
  app.use(notFoundHandler, errorHandler(log))
  return app
}

/** Lets in only the service's own sidecar (https://docs.dapr.io, app API token). */
function requireToken(token: string): RequestHandler {
  const expected = Buffer.from(token)
  return (request, _response, next) => {
    const shown = Buffer.from(String(request.headers['dapr-api-token'] ?? ''))
    if (shown.length === expected.length && timingSafeEqual(shown, expected)) return next()
    throw new ServiceError('unauthenticated')
  }
}
