import { UploadId } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { type RequestHandler, Router } from 'express'
import { z } from 'zod'
import { jsonBody } from '../http/bodies.ts'
import { parseText } from '../http/parse-text.ts'
import type { UploadRoute } from './upload.handler.ts'
import type { UploadPublisher } from './upload.publisher.ts'

/** Publishes an upload that is in storage already, by its id in a JSON body. */
export function finishedUploadHandler(route: UploadRoute, publisher: UploadPublisher): RequestHandler {
  return Router().use(jsonBody(), async (request, response) => {
    const declared = request.foundRoute?.route
    if (!declared) throw new ServiceError('not_found')
    const identity = await route.authorize(declared, request, response)
    if (!identity) throw route.refuse()
    const { uploadId } = parseText(z.object({ uploadId: UploadId }), request.body)
    const text = parseText(route.text, request.body)
    // Publishing takes longer than a connection may be silent.
    request.socket.setTimeout(0)
    route.answer(response, await publisher.publish({ uploadId, ...text }, identity))
  })
}
