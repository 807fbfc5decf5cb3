import { z } from 'zod'
import { Description, Title } from '../../video.ts'
import { rateLimits, route } from '../route.ts'
import { V1Video } from '../surfaces/v1.ts'

/** Files that become videos. */
export const uploads = {
  publish: route({
    method: 'POST',
    path: '/v1/videos',
    summary: 'Publish a video in one request; fields before the file are checked before the file is sent',
    tag: 'videos',
    access: 'user',
    rateLimit: rateLimits.upload,
    errors: [
      'body_too_large',
      'unsupported_media_type',
      'not_a_video',
      'sensitive_words',
      'upload_aborted',
      'storage_full',
    ],
    successStatus: 201,
  })
    .input(z.object({ title: Title, description: Description.default(''), file: z.file() }))
    .output(V1Video),
}
