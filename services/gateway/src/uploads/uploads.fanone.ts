import type { RequestHandler } from 'express'
import type { RequestPolicy } from '../http/request-policy.ts'
import { MissingTokenError } from '../surfaces/compat/compat-codes.ts'
import { done } from '../surfaces/fanone/fanone.envelope.ts'
import { titleAndDescription, type UploadRoute } from './upload.handler.ts'

/** How the FanOne API takes a video. */
export function uploadsFanone({ policy }: { policy: RequestPolicy }): UploadRoute {
  return {
    fileFields: ['data'],
    takesQuery: false,
    text: titleAndDescription,
    authorize: (...request) => policy.authorize(...request),
    refuse: () => new MissingTokenError(),
    answer: (response) => void response.json(done()),
  }
}

/** A whole file, or a chunk of one. */
export function fanoneUploads(handlers: { inOneRequest: RequestHandler; chunk: RequestHandler }): RequestHandler {
  return (request, response, next) => {
    const isWhole = request.foundRoute?.route?.name === 'uploads.publish'
    return (isWhole ? handlers.inOneRequest : handlers.chunk)(request, response, next)
  }
}
