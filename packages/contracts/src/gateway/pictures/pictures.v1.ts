import { z } from 'zod'
import { rateLimits, route } from '../route.ts'
import { V1User } from '../surfaces/v1.ts'

const errors = ['body_too_large', 'unsupported_media_type', 'not_a_picture', 'upload_aborted', 'storage_full'] as const
const file = z.file()

/** Pictures that replace what was shown. Removing them is a change of what they belong to. */
export const pictures = {
  setAvatar: route({
    method: 'PUT',
    path: '/v1/users/me/avatar',
    summary: "The caller's avatar: JPEG, PNG, WebP or AVIF, cut to a square",
    tag: 'users',
    access: 'user',
    rateLimit: rateLimits.upload,
    errors,
  })
    .input(z.object({ file }))
    .output(V1User),
  setBackground: route({
    method: 'PUT',
    path: '/v1/users/me/background',
    summary: "The background of the caller's profile: JPEG, PNG, WebP or AVIF",
    tag: 'users',
    access: 'user',
    rateLimit: rateLimits.upload,
    errors,
  })
    .input(z.object({ file }))
    .output(V1User),
}
