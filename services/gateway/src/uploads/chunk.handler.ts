import { MAX_CHUNKS, UploadId } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import type { Client } from '../calls/client.ts'
import { continueBody, endUnreadBody } from '../http/bodies.ts'
import { checkQuery } from '../http/form-parts.ts'
import { parseText } from '../http/parse-text.ts'
import type { RequestPolicy } from '../http/request-policy.ts'
import { uploadedBytes } from '../http/upload.metrics.ts'
import type { UploadReceiver } from '../http/upload.receiver.ts'
import { MissingTokenError } from '../surfaces/compat/compat-codes.ts'
import { done } from '../surfaces/fanone/fanone.envelope.ts'

const Chunk = z.object({
  uuid: UploadId,
  chunk_number: z.coerce.number().int().min(1).max(MAX_CHUNKS),
  md5: z
    .string()
    .regex(/^[0-9a-f]{32}$/i)
    .toLowerCase(),
})

export interface ChunkOptions {
  policy: RequestPolicy
  uploads: Client<'video'>['uploads']
  receiver: UploadReceiver
  /** Largest file, all chunks together. */
  maxBytes: number
}

/** Takes one chunk of an upload of the older API, in any order, as often as it comes. */
export function chunkHandler({ policy, uploads, receiver, maxBytes }: ChunkOptions): RequestHandler {
  return async (request, response) => {
    const declared = request.foundRoute?.route
    if (!declared) throw new ServiceError('not_found')
    endUnreadBody(request, response)
    const identity = await policy.authorize(declared, request, response)
    if (!identity) throw new MissingTokenError()
    receiver.checkHeaders(request)
    checkQuery(request)
    continueBody(request, response)
    const received = await receiver.receive(request, response, {
      fileFields: ['data'],
      hash: 'md5',
      checkEarly: () => undefined,
    })
    uploadedBytes.inc({ protocol: 'chunks' }, received.sizeBytes)
    try {
      const { uuid: id, chunk_number: number, md5 } = parseText(Chunk, received.fields)
      if (md5 !== received.digest) throw new ServiceError('upload_checksum_mismatch')
      const chunk = { id, number, arrivedId: received.uploadId, maxBytes }
      await policy.run(request, identity, () => uploads.addChunk(chunk, { context: { identity } }))
    } catch (error) {
      await receiver.discard(received.uploadId)
      throw error
    }
    response.json(done())
  }
}
