import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/

/** The id a client gave its request, if it is harmless to repeat and to log; else a new one. */
export function chooseRequestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}

/** Names every request in its answer, so that people can tell us which one they mean. */
export const nameRequests: RequestHandler = (request, response, next) => {
  request.id = chooseRequestId(request.headers['x-request-id'])
  response.setHeader('X-Request-Id', request.id)
  next()
}

declare global {
  namespace Express {
    interface Request {
      id: string
    }
  }
}
