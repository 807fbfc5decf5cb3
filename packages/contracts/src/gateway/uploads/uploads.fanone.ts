import { z } from 'zod'
import { UploadId } from '../../common.ts'
import { MAX_CHUNKS } from '../../upload.ts'
import { Description, Title } from '../../video.ts'
import { decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { empty } from '../surfaces/fanone.ts'

/** FanOne 9, and the chunks of older clients. */
export const uploads = {
  publish: route({
    method: 'POST',
    path: '/video/publish',
    summary: 'Publish a video in one request',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.upload,
  })
    .input(z.object({ title: Title, description: Description, data: z.file() }))
    .output(empty),
  chunk: route({
    method: 'POST',
    path: '/video/publish/uploading',
    summary: 'Send one chunk of an upload; again, it replaces the first',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.uploadPiece,
  })
    .input(
      z.object({
        uuid: UploadId,
        data: z.file(),
        md5: z.string().regex(/^[0-9a-fA-F]{32}$/),
        chunk_number: decimal(z.int().min(1).max(MAX_CHUNKS)),
        filename: z.string().optional(),
        is_m3u8: z.string().optional(),
      }),
    )
    .output(empty),
}
