import { ServiceError } from '@fanone/service-kit'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { checkJson, checkParameters, checkQuery, formParser, toFormError } from './form-parts.ts'
import { cutLater } from './linger.ts'

/** Small bodies have to arrive in this time; uploads are bounded by silence instead. */
const BODY_DEADLINE_MS = 8_000
const BODY_LIMIT_BYTES = 64 * 1024
const FIELD_LIMITS = { fields: 30, parts: 30, fieldSize: 16 * 1024, fieldNameSize: 100, headerPairs: 20 }

/** Whether a request says that it carries a body. */
export const hasBody = (request: Request) =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0

/**
 * Closes connections that dribble a small body. The server's own timeout is hours, because of
 * uploads.
 */
export const refuseSlowBody: RequestHandler = (request, _response, next) => {
  if (!hasBody(request)) return next()
  const deadline = setTimeout(() => request.destroy(), BODY_DEADLINE_MS)
  const forget = () => clearTimeout(deadline)
  request.once('end', forget)
  request.once('close', forget)
  next()
}

/**
 * Refuses a too long body at once; the parsers would read to its end first, which may never come.
 */
const refuseLongBody: RequestHandler = (request, response, next) => {
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT_BYTES) {
    endUnreadBody(request, response)
    throw new ServiceError('body_too_large')
  }
  next()
  if (request.headers['transfer-encoding'] === undefined) return
  let receivedBytes = 0
  const count = (chunk: Buffer) => {
    receivedBytes += chunk.length
    if (receivedBytes <= BODY_LIMIT_BYTES) return
    request.off('data', count)
    if (response.headersSent) return
    endUnreadBody(request, response)
    next(new ServiceError('body_too_large'))
  }
  // After the parser, which listens by now, so that nothing is lost to it.
  request.on('data', count)
}

/**
 * A request that was answered too early to be read is not read to its end: 4 GiB may follow. What
 * comes in a while (`cutLater`) is thrown away, because closing at once would reset the connection,
 * and the client might lose the answer (RFC 9112, 9.6).
 */
export function endUnreadBody(request: Request, response: Response): void {
  const { socket } = request
  const linger = () => {
    if (request.complete) return
    const close = socket.destroySoon
    let isClosing = false
    // Node calls this after the answer where the client asked to close the connection.
    socket.destroySoon = () => {
      isClosing = true
      socket.end()
    }
    const cut = cutLater(socket)
    request.once('end', () => {
      clearTimeout(cut)
      socket.destroySoon = close
      if (isClosing) socket.destroySoon()
    })
    // Whoever read it may have stopped in the middle, and would hold up what comes.
    request.unpipe()
    request.removeAllListeners('data')
    request.resume()
  }
  // Before Node's listener, which closes.
  response.prependOnceListener('finish', linger)
}

/** Tells a client that waits for it to send its body (RFC 9110, 10.1.1). */
export function continueBody(request: Request, response: Response): void {
  if (!request.isWaitingForContinue) return
  request.isWaitingForContinue = false
  response.writeContinue()
}

const acceptBody: RequestHandler = (request, response, next) => {
  continueBody(request, response)
  next()
}

const refuseUnreadableQuery: RequestHandler = (request, _response, next) => {
  checkQuery(request)
  next()
}

/** Reads a JSON body of at most 64 KiB; another type of body is refused unread. */
export function jsonBody(): RequestHandler {
  return Router().use(
    refuseSlowBody,
    refuseLongBody,
    acceptBody,
    refuseUnreadableQuery,
    express.json({
      limit: BODY_LIMIT_BYTES,
      strict: true,
      verify: (_request, _response, bytes, charset) => checkJson(bytes, charset),
    }),
    (request, _response, next) => {
      if (request.body === undefined && hasBody(request) && request.method !== 'GET')
        throw new ServiceError('unsupported_media_type')
      // It would be merged with the parameters of the path, and pass for an empty object.
      if (Array.isArray(request.body)) throw new ServiceError('invalid_input', { detail: 'The body must be an object' })
      request.body ??= {}
      next()
    },
  )
}

/**
 * Reads a form of at most 64 KiB, urlencoded or multipart without files.
 *
 * @param options.mergeQuery whether parameters may come in the query too, as those of a DELETE
 *   always may (many clients send no body with it); the form wins where both have one
 */
export function formBody(options: { mergeQuery: boolean }): RequestHandler {
  const readMultipart = formParser({ limits: FIELD_LIMITS }).none()
  return Router().use(
    refuseSlowBody,
    refuseLongBody,
    acceptBody,
    refuseUnreadableQuery,
    express.urlencoded({
      extended: false,
      limit: BODY_LIMIT_BYTES,
      parameterLimit: 100,
      verify: (_request, _response, bytes) => checkParameters(bytes),
    }),
    (request, response, next) =>
      readMultipart(request, response, (error?: unknown) => next(error && (toFormError(error) ?? error))),
    (request, _response, next) => {
      const isFromQuery = options.mergeQuery || request.method === 'DELETE'
      if (request.method !== 'GET') request.body = mergeParameters(isFromQuery ? request.query : {}, request.body)
      next()
    },
  )
}

/** One set of parameters out of query and form; what is in both is taken from the form. */
export function mergeParameters(query: unknown, form: unknown): Record<string, unknown> {
  return { ...(query as object), ...((form as object | undefined) ?? {}) }
}

declare global {
  namespace Express {
    interface Request {
      /** The client sent `Expect: 100-continue` and nothing of the body yet. */
      isWaitingForContinue?: boolean
    }
  }
}
