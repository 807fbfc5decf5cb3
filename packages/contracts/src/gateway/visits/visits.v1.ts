import { z } from 'zod'
import { rateLimits, route } from '../route.ts'
import { ById } from '../surfaces/v1.ts'

/** Who has watched what. */
export const visits = {
  record: route({
    method: 'POST',
    path: '/v1/videos/{id}/visits',
    summary: 'Visit a video; the same viewer counts once in ten minutes',
    tag: 'visits',
    access: 'optional',
    rateLimit: rateLimits.read,
    errors: ['video_not_found'],
  })
    .input(ById)
    .output(z.object({ counted: z.boolean() })),
}
