import { UploadId } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import type { Storage } from '@fanone/storage'
import { Server } from '@tus/server'
import type { Request, RequestHandler, Response } from 'express'
import { NodeRequest } from 'srvx/node'
import type { Client } from '../../calls/client.ts'
import { continueBody, endUnreadBody } from '../../http/bodies.ts'
import type { RequestPolicy } from '../../http/request-policy.ts'
import { uploadOutcomes } from '../../http/upload.metrics.ts'
import { toTusError } from './tus.errors.ts'
import { checkTusRequest, readFinal, TUS_VERSION } from './tus.headers.ts'
import { type Bounded, UploadStore } from './upload-store.ts'

export interface TusOptions {
  policy: RequestPolicy
  uploads: Client<'video'>['uploads']
  storage: Storage
  /** Largest file. */
  maxBytes: number
}

/** Answers tus 1.0 (https://tus.io/protocols/resumable-upload) for the uploads of the caller. */
export function tusHandler({ policy, uploads, storage, maxBytes }: TusOptions): RequestHandler {
  return async (request, response) => {
    const declared = request.foundRoute?.route
    if (!declared) throw new ServiceError('not_found')
    endUnreadBody(request, response)
    const identity = await policy.authorize(declared, request, response)
    if (!identity) throw new ServiceError('unauthenticated')
    checkTusRequest(request)
    continueBody(request, response)
    const concat = request.method === 'POST' ? request.get('Upload-Concat') : undefined
    const bounded: Bounded = (change) => policy.run(request, identity, change)
    if (concat?.startsWith('final;')) {
      const final = { ...readFinal(request, concat), maxBytes }
      const upload = await bounded(() => uploads.join(final, { context: { identity } }))
      return void response.status(201).location(`/v1/uploads/${upload.id}`).end()
    }
    const store = new UploadStore({ uploads, storage, identity, request, bounded })
    await answer(store, { request, response, maxBytes })
  }
}

/** Each request has a store of its own, which acts for its caller only. */
async function answer(
  store: UploadStore,
  { request, response, maxBytes }: { request: Request; response: Response; maxBytes: number },
): Promise<void> {
  let failure: unknown
  const server = new Server({
    path: '/v1/uploads',
    relativeLocation: true,
    maxSize: maxBytes,
    datastore: store,
    locker: store.locker,
    // A writer whose lock is wanted ends at once; what came is kept.
    lockDrainTimeout: 1,
    namingFunction: () => store.newId,
    getFileIdFromRequest: () => UploadId.safeParse(request.foundRoute?.params.id).data,
    // Which pages may read answers is said for all routes in one place.
    allowedOrigins: () => false,
    onResponseError: (_request, error) => {
      failure = error
      return undefined
    },
  })
  const asked = new NodeRequest({ req: request, res: response })
  // @tus/server refuses odd ones, though nothing here believes them.
  for (const name of ['x-forwarded-proto', 'tus-version']) asked.headers.delete(name)
  const answered = await server.handleWeb(asked)
  if (answered.status >= 400) {
    uploadOutcomes.inc({ protocol: 'tus', outcome: 'refused' })
    throw toTusError(failure, await answered.text())
  }
  if (response.destroyed) return
  response.status(answered.status)
  for (const [name, value] of answered.headers) {
    if (!name.startsWith('access-control-') && name !== 'content-type') response.set(name, value)
  }
  response.set({ 'Tus-Resumable': TUS_VERSION, ...store.headers })
  response.end()
}
