import { z } from 'zod'
import { rateLimits, route } from '../route.ts'
import { envelope, FanoneUser } from '../surfaces/fanone.ts'

/** FanOne 4 and 7. */
export const pictures = {
  uploadAvatar: route({
    method: 'PUT',
    path: '/user/avatar/upload',
    summary: "The caller's avatar; the answer has its URL",
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.upload,
  })
    .input(z.object({ data: z.file() }))
    .output(envelope(FanoneUser)),
  search: route({
    method: 'POST',
    path: '/user/image/search',
    summary: 'The URL of the picture that is most alike to a picture',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.upload,
  })
    .input(z.object({ data: z.file() }))
    .output(envelope(z.string())),
}
