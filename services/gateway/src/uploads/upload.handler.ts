import { Description, Title, type Video } from '@fanone/contracts'
import { type Identity, ServiceError } from '@fanone/service-kit'
import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import { continueBody, endUnreadBody, mergeParameters } from '../http/bodies.ts'
import { checkQuery } from '../http/form-parts.ts'
import { parseText } from '../http/parse-text.ts'
import { uploadedBytes, uploadOutcomes } from '../http/upload.metrics.ts'
import type { Fields, UploadReceiver } from '../http/upload.receiver.ts'
import type { PublicRoute } from '../routing/route-table.ts'
import type { UploadPublisher } from './upload.publisher.ts'

/** How one API takes a video in one request. */
export interface UploadRoute {
  fileFields: string[]
  /** Whether what the form says may also stand in the query; the form wins. */
  takesQuery: boolean
  /** What the form says of the video; throws nothing, problems are found by the schema. */
  text: z.ZodType<{ title: string; description: string }>
  /** The uploader by the headers; undefined if the form has to say. Counts the request. */
  authorize: (route: PublicRoute, request: Request, response: Response) => Promise<Identity | undefined>
  /** Who uploads, from the fields of the form that are there; undefined where they do not tell. */
  identify?: (fields: Fields) => Promise<Identity | undefined>
  /** Thrown where neither told. */
  refuse: () => ServiceError
  answer: (response: Response, video: Video) => void
}

export interface UploadParts {
  receiver: UploadReceiver
  publisher: UploadPublisher
}

/** Title and description of the two APIs that know both. */
export const titleAndDescription = z.object({ title: Title, description: Description })

/** Answers a video sent in one request: who is it, take the file, publish it. */
export function uploadHandler(route: UploadRoute, parts: UploadParts): RequestHandler {
  const { receiver, publisher } = parts
  return async (request, response) => {
    const declared = request.foundRoute?.route
    if (!declared) throw new ServiceError('not_found')
    endUnreadBody(request, response)
    let identity = await route.authorize(declared, request, response)
    receiver.checkHeaders(request)
    checkQuery(request)
    const withQuery = (fields: Fields): Fields => (route.takesQuery ? mergeParameters(request.query, fields) : fields)
    continueBody(request, response)
    const checkEarly = async (fields: Fields) => {
      identity ??= await route.identify?.(fields)
      const { title } = withQuery(fields)
      if (typeof title === 'string') parseText(z.object({ title: Title }), { title })
    }
    const { uploadId, fields, sizeBytes } = await receiver
      .receive(request, response, { fileFields: route.fileFields, checkEarly })
      .catch((error) => {
        uploadOutcomes.inc({ protocol: 'form', outcome: 'refused' })
        throw error
      })
    uploadedBytes.inc({ protocol: 'form' }, sizeBytes)
    uploadOutcomes.inc({ protocol: 'form', outcome: 'finished' })
    // Publishing takes longer than a connection may be silent.
    request.socket.setTimeout(0)
    const publication = await describe(fields).catch(async (error) => {
      await receiver.discard(uploadId)
      throw error
    })
    route.answer(response, await publisher.publish({ uploadId, ...publication.text }, publication.identity))

    async function describe(fields: Fields) {
      identity ??= await route.identify?.(fields)
      if (!identity) throw route.refuse()
      return { identity, text: parseText(route.text, withQuery(fields)) }
    }
  }
}
