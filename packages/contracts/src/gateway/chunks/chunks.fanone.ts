import { z } from 'zod'
import { UploadId } from '../../common.ts'
import { MAX_CHUNKS } from '../../upload.ts'
import { Description, Title } from '../../video.ts'
import { decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { empty } from '../surfaces/fanone.ts'

const changing = { method: 'POST', tag: 'FanOne', access: 'user', rateLimit: rateLimits.write } as const
const ofUpload = z.object({ uuid: UploadId })
const cancel = { ...changing, summary: 'Give up an upload in chunks' }

/** Uploads in chunks, for older clients; the chunks themselves are `uploads.chunk`. */
export const chunks = {
  start: route({
    ...changing,
    path: '/video/publish/start',
    summary: 'Begin an upload in numbered chunks, which may come in any order',
    rateLimit: rateLimits.upload,
  })
    .input(
      z.object({ title: Title, description: Description, chunk_total_number: decimal(z.int().min(1).max(MAX_CHUNKS)) }),
    )
    .output(empty.extend({ uuid: z.string() })),
  complete: route({
    ...changing,
    path: '/video/publish/complete',
    summary: 'Publish what has come in chunks, once all of them are there',
    rateLimit: rateLimits.upload,
  })
    .input(ofUpload)
    .output(empty),
  cancel: route({ ...cancel, path: '/video/publish/cancel' })
    .input(ofUpload)
    .output(empty),
  /** As older clients spell it. */
  cancle: route({ ...cancel, path: '/video/publish/cancle' })
    .input(ofUpload)
    .output(empty),
}
