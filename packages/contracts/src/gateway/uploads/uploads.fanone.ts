import { z } from 'zod'
import { Description, Title } from '../../video.ts'
import { rateLimits, route } from '../route.ts'
import { empty } from '../surfaces/fanone.ts'

/** FanOne 9. */
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
}
