import { JsonText } from '@fanone/contracts'
import type { AnyRouter, Context } from '@orpc/server'
import { toStandardLazyRequest } from '@orpc/standard-server-node'
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { ServiceError, toProblem, toServiceError } from './errors.ts'
import type { Logger } from './log.ts'
import { anyTrace, failures, httpRequestSeconds, keptTrace } from './metrics.ts'
import { RouterAnswers } from './router-answers.ts'

/** What a mounted router needs. */
export interface MountOptions<RouteContext extends Context> {
  /** Makes the context of the handlers; may throw a `ServiceError`. */
  createContext: (request: Request, response: Response) => RouteContext | Promise<RouteContext>
  log: Logger
  /** Sends an error; as problem details unless a compatibility API needs another form. */
  sendError?: (response: Response, error: ServiceError) => void
}

/**
 * Serves an oRPC router from Express: validates input by the contract, runs the handler, sends its
 * output as JSON. Unmatched requests go to the next handler. Parse JSON bodies before
 * (`express.json`), so that its limits hold.
 */
export function mountRouter<RouteContext extends Context>(
  router: AnyRouter,
  options: MountOptions<RouteContext>,
): RequestHandler {
  const answers = new RouterAnswers<RouteContext & { request: Request }>(router)
  const sendError = options.sendError ?? sendProblem

  return async (request, response, next) => {
    if (isMalformed(request.originalUrl)) return next()
    const context = { ...(await options.createContext(request, response)), request }
    const answer = await answers.answer(toStandardLazyRequest(request, response), context)
    if (!answer) return next()
    if (response.headersSent || response.destroyed) return
    if ('failure' in answer) {
      noteFailure(options.log, request, answer.failure)
      return sendError(response, answer.failure)
    }
    response.status(answer.status).set(answer.headers as Record<string, string>)
    const { body } = answer
    if (body === undefined) response.end()
    else if (body instanceof JsonText) response.type('json').send(body.text)
    else response.json(body)
  }
}

/**
 * Whether a path can be read in two ways. oRPC resolves `%2e%2e` and `\` as browsers do, Dapr's
 * access lists and Express do not: `/internal/may.call/%2e%2e/may.not` would be allowed as the
 * first and run as the second.
 */
export function isMalformed(url: string): boolean {
  const [path = ''] = url.split('?')
  return /\\|\/(\.|%2e){1,2}(\/|$)/i.test(path)
}

/** Answers an error as RFC 9457 problem details. */
export function sendProblem(response: Response, error: ServiceError): void {
  if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  if (error.status === 401) response.set('WWW-Authenticate', 'Bearer')
  // Not through Express, which would compute an ETag: refusing must be cheap under overload.
  response
    .status(error.status)
    .type('application/problem+json')
    .end(JSON.stringify(toProblem(error)))
}

/** Whether a service refuses on purpose, as opposed to failing. */
export const isRefusal = (error: ServiceError) => error.status < 500 || error.retryAfterSeconds !== undefined

/** Marks a 200 that carries a refusal; the value is the status of the refusal. */
export const REFUSED_HEADER = 'fanone-refused'

/**
 * Answers an error to another service. Refusals (4xx, or "come back later") travel inside a 200,
 * because Dapr's circuit breakers count every status outside 200-399: a few wrong passwords would
 * close log-in for everybody. `createServiceClient` turns them back into errors.
 */
export function sendRefusal(response: Response, error: ServiceError): void {
  if (!isRefusal(error)) {
    sendProblem(response, error)
    return
  }
  response.locals.refusedStatus = error.status
  if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(Math.ceil(error.retryAfterSeconds)))
  response.set(REFUSED_HEADER, String(error.status)).json(toProblem(error))
}

/**
 * Counts an error that is answered, and logs it: unexpected ones as errors, unavailable
 * dependencies (5xx without a time to come back) as warnings, faults of clients for debugging.
 */
export function noteFailure(log: Logger, request: Request, error: ServiceError): void {
  failures.inc({ labels: { route: request.routeTemplate ?? 'none', code: error.code }, exemplarLabels: anyTrace() })
  const isAbsence = error.status >= 500 && error.retryAfterSeconds === undefined
  const level = error.code === 'internal' ? 'error' : isAbsence ? 'warn' : 'debug'
  log[level](
    { err: error.cause ?? error, code: error.code, method: request.method, path: request.path },
    'request failed',
  )
}

/** The last middleware: answers every error that reaches Express as problem details. */
export function errorHandler(log: Logger, sendError = sendProblem): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    if (response.headersSent) return next(thrown)
    const error = toServiceError(thrown)
    noteFailure(log, request, error)
    sendError(response, error)
  }
}

/** Answers requests that no route matched. */
export const notFoundHandler: RequestHandler = () => {
  throw new ServiceError('not_found')
}

declare global {
  namespace Express {
    interface Request {
      /** Path template of the matched route, for metrics and spans: `/v1/videos/{id}`. */
      routeTemplate?: string | undefined
    }
  }
}

/** Measures requests by route template, so that ids never become label values. */
export const measureRequests: RequestHandler = (request, response, next) => {
  const stop = httpRequestSeconds.startTimer({}, keptTrace())
  response.once('close', () => {
    // Its calls are measured one by one.
    if (response.locals.isShared) return
    const route = request.routeTemplate ?? request.route?.path ?? 'none'
    stop({
      route: String(route),
      method: request.method,
      status: String(response.locals.refusedStatus ?? response.statusCode),
    })
  })
  next()
}
