import { z } from 'zod'
import { rateLimits, route } from '../route.ts'
import { ById, V1User, V1Video } from '../surfaces/v1.ts'

const errors = [
  'body_too_large',
  'unsupported_media_type',
  'not_a_picture',
  'upload_aborted',
  'upload_not_found',
  'storage_full',
] as const
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
  setCover: route({
    method: 'PUT',
    path: '/v1/videos/{id}/cover',
    summary: 'A cover for a video of the caller: JPEG, PNG, WebP or AVIF',
    tag: 'videos',
    access: 'user',
    rateLimit: rateLimits.upload,
    errors: [...errors, 'video_not_found', 'forbidden'],
  })
    .input(ById.extend({ file }))
    .output(V1Video),
}
