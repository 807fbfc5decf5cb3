import { fanoneContract } from '@fanone/contracts/gateway'
import { type Identity, requireIdentity } from '@fanone/service-kit'
import { Metadata } from '@tus/utils'
import type { Client } from '../calls/client.ts'
import { randomId } from '../http/random-id.ts'
import { uploadOutcomes } from '../http/upload.metrics.ts'
import { type RequestContext, routesOf } from '../routing/request-context.ts'
import { done } from '../surfaces/fanone/fanone.envelope.ts'

/** Turns a finished upload into a video. */
interface Publisher {
  publish(publication: { uploadId: string; title: string; description: string }, identity: Identity): Promise<unknown>
}

export function chunksFanone({ video, publisher }: { video: Client<'video'>; publisher: Publisher }) {
  const routes = routesOf(fanoneContract.chunks)
  const cancel = async ({ input, context }: { input: { uuid: string }; context: RequestContext }) => {
    await video.uploads.end({ id: input.uuid }, { context: { identity: requireIdentity(context) } })
    uploadOutcomes.inc({ protocol: 'chunks', outcome: 'ended' })
    return done()
  }
  return routes.router({
    start: routes.start.handler(async ({ input: { title, description, chunk_total_number }, context }) => {
      const call = { context: { identity: requireIdentity(context) } }
      const { id } = await video.uploads.create(
        {
          id: randomId(),
          token: randomId(),
          kind: 'chunked',
          sizeBytes: 0,
          chunkCount: chunk_total_number,
          metadata: Metadata.stringify({ title, description }),
          sha256: '',
        },
        call,
      )
      uploadOutcomes.inc({ protocol: 'chunks', outcome: 'begun' })
      return { ...done(), uuid: id }
    }),
    complete: routes.complete.handler(async ({ input: { uuid }, context }) => {
      const identity = requireIdentity(context)
      const { metadata } = await video.uploads.joinChunks({ id: uuid }, { context: { identity } })
      uploadOutcomes.inc({ protocol: 'chunks', outcome: 'finished' })
      const { title, description } = Metadata.parse(metadata)
      // Publishing takes longer than a connection may be silent.
      context.request.socket.setTimeout(0)
      await publisher.publish({ uploadId: uuid, title: title ?? '', description: description ?? '' }, identity)
      return done()
    }),
    cancel: routes.cancel.handler(cancel),
    cancle: routes.cancle.handler(cancel),
  })
}
