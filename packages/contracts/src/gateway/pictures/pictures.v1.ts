import { z } from 'zod'
import { Limit } from '../../common.ts'
import { ImageKind, Likeness } from '../../image-search.ts'
import { decimal, minScore } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { ById, V1Author, V1User, V1Video } from '../surfaces/v1.ts'

const errors = [
  'body_too_large',
  'unsupported_media_type',
  'not_a_picture',
  'upload_aborted',
  'upload_not_found',
  'storage_full',
] as const
const file = z.file()
const aKind = `(${ImageKind.options.join('|')})`

/** How a search by picture goes, as fields of its form. */
export const ImageSearchFields = z.object({
  kinds: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(ImageKind).min(1).max(ImageKind.options.length))
    .optional()
    .meta({ pattern: `^${aKind}(,${aKind}){0,2}$`, description: 'Which pictures, divided by commas; all without it' }),
  limit: decimal(Limit).default(20),
  minScore: minScore.optional(),
})

const FoundPicture = z.object({
  score: Likeness.meta({ description: 'How alike it is; below about 0.6 pictures show something else' }),
  kind: ImageKind,
  pictureUrl: z.url().max(500).meta({ description: 'Of a frame the cover of its video' }),
  timeMs: z.int().nullable().meta({ description: 'Where in the video a frame is' }),
  video: V1Video.nullable().meta({ description: 'What a cover or a frame belongs to' }),
  user: V1Author.nullable().meta({ description: 'Whose avatar it is' }),
})
export type V1FoundPicture = z.infer<typeof FoundPicture>

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
  search: route({
    method: 'POST',
    path: '/v1/images/search',
    summary: 'Avatars, covers and frames of videos that are most alike to a picture, the nearest first',
    tag: 'videos',
    access: 'user',
    rateLimit: rateLimits.upload,
    errors,
  })
    .input(ImageSearchFields.extend({ file }))
    .output(z.object({ items: z.array(FoundPicture) })),
}
