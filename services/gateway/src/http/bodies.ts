import { ServiceError } from '@fanone/service-kit'
import express, { type Request, type RequestHandler, Router } from 'express'
import multer from 'multer'

/** Small bodies have to arrive in this time; uploads are bounded by silence instead. */
const BODY_DEADLINE_MS = 8_000
const BODY_LIMIT = '64kb'
const FIELD_LIMITS = { fields: 30, parts: 30, fieldSize: 16 * 1024, fieldNameSize: 100, headerPairs: 20, files: 0 }

/** Whether a request says that it carries a body. */
export const hasBody = (request: Request) =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0

/** Cuts connections that dribble a small body: a whole request may take hours because of uploads, so this is not left to the server. */
export const refuseSlowBody: RequestHandler = (request, _response, next) => {
  if (!hasBody(request)) return next()
  const deadline = setTimeout(() => request.destroy(), BODY_DEADLINE_MS)
  const forget = () => clearTimeout(deadline)
  request.once('end', forget)
  request.once('close', forget)
  next()
}

/** Tells a client that waits for it to send its body (RFC 9110, 10.1.1). */
export const acceptBody: RequestHandler = (request, response, next) => {
  if (request.isWaitingForContinue) {
    request.isWaitingForContinue = false
    response.writeContinue()
  }
  next()
}

/** Reads a JSON body of at most 64 KiB; another type of body is refused unread. */
export function jsonBody(): RequestHandler {
  return Router().use(
    refuseSlowBody,
    acceptBody,
    express.json({ limit: BODY_LIMIT, strict: true }),
    (request, _response, next) => {
      if (request.body === undefined && hasBody(request) && request.method !== 'GET')
        throw new ServiceError('unsupported_media_type')
      request.body ??= {}
      next()
    },
  )
}

/**
 * Reads a form of at most 64 KiB, urlencoded or multipart without files.
 *
 * @param options.mergeQuery whether parameters may come in the query too; the form wins where both have one
 */
export function formBody(options: { mergeQuery: boolean }): RequestHandler {
  const limitedLength: RequestHandler = (request, _response, next) => {
    // multer bounds fields and parts, not the whole; urlencoded bodies are bounded while they are read.
    if (Number(request.headers['content-length'] ?? 0) > 64 * 1024) throw new ServiceError('body_too_large')
    next()
  }
  const readMultipart = multer({ limits: FIELD_LIMITS }).none()
  return Router().use(
    limitedLength,
    refuseSlowBody,
    acceptBody,
    express.urlencoded({ extended: false, limit: BODY_LIMIT, parameterLimit: 100 }),
    (request, response, next) => readMultipart(request, response, (error?: unknown) => next(toInputError(error))),
    (request, _response, next) => {
      if (request.method !== 'GET')
        request.body = mergeParameters(options.mergeQuery ? request.query : {}, request.body)
      next()
    },
  )
}

/** One set of parameters out of query and form; what is in both is taken from the form. */
export function mergeParameters(query: unknown, form: unknown): Record<string, unknown> {
  return { ...(query as object), ...((form as object | undefined) ?? {}) }
}

/** What multer and busboy throw is the client's doing. */
function toInputError(error: unknown): unknown {
  if (!error || error instanceof ServiceError) return error
  return new ServiceError('invalid_input', { detail: 'The form could not be read', cause: error })
}

declare global {
  namespace Express {
    interface Request {
      /** The client sent `Expect: 100-continue` and nothing of the body yet. */
      isWaitingForContinue?: boolean
    }
  }
}
