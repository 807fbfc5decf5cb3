import { Id } from '@fanone/contracts'
import { decimal } from '@fanone/contracts/gateway'
import { type Identity, ServiceError } from '@fanone/service-kit'
import type { RequestHandler, Response } from 'express'
import { continueBody, endUnreadBody } from '../http/bodies.ts'
import { checkQuery } from '../http/form-parts.ts'
import type { RequestPolicy } from '../http/request-policy.ts'
import type { Fields, UploadReceiver } from '../http/upload.receiver.ts'

/** How one API takes a picture. */
export interface PictureRoute {
  policy: RequestPolicy
  receiver: UploadReceiver
  /** Names the file may go by. */
  fileFields: string[]
  /** Refuses whoever may not, before the file is read. */
  check?: (picture: Omit<ReceivedPicture, 'uploadId' | 'fields'>) => Promise<unknown>
  /** Whether the upload is of no use after the answer, whatever that says. */
  isPassing?: boolean
  /** Makes the upload what the route says, and answers with what it belongs to. */
  answer: (picture: ReceivedPicture, response: Response) => Promise<void>
}

export interface ReceivedPicture {
  uploadId: string
  /** What else the form says. */
  fields: Fields
  identity: Identity
  /** The one in the path; 0 where there is none. */
  id: number
}

/** Answers a picture: who is it, take the file, hand it to its owner's service. */
export function pictureHandler(options: PictureRoute): RequestHandler {
  const { policy, receiver, fileFields, check, isPassing = false, answer } = options
  return async (request, response) => {
    const { route, params } = request.foundRoute ?? {}
    if (!route || !params) throw new ServiceError('not_found')
    endUnreadBody(request, response)
    const identity = await policy.authorize(route, request, response)
    if (!identity) throw new ServiceError('unauthenticated')
    const id = params.id === undefined ? 0 : readId(params.id)
    receiver.checkHeaders(request)
    checkQuery(request)
    await check?.({ identity, id })
    continueBody(request, response)
    const { uploadId, fields } = await receiver.receive(request, response, { fileFields, checkEarly: () => {} })
    // Waiting for one's turn may take longer than a connection may be silent.
    request.socket.setTimeout(0)
    try {
      await policy.run(request, identity, () => answer({ uploadId, fields, identity, id }, response))
    } catch (error) {
      if (!isPassing) await receiver.discardRefused(uploadId, error)
      throw error
    } finally {
      if (isPassing) await receiver.discard(uploadId)
    }
  }
}

function readId(text: string): number {
  const { data, error } = decimal(Id).safeParse(text)
  if (data !== undefined) return data
  const issues = error?.issues.map(({ message }) => ({ path: 'id', message })) ?? []
  throw new ServiceError('invalid_input', { detail: `id: ${issues[0]?.message}`, issues })
}
