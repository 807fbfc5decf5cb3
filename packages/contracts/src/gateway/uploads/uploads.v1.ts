import { z } from 'zod'
import { UploadId } from '../../common.ts'
import { Description, Title } from '../../video.ts'
import { rateLimits, route } from '../route.ts'
import { V1Video } from '../surfaces/v1.ts'

const ofUpload = z.object({ id: UploadId })
const piece = { tag: 'uploads', access: 'user', rateLimit: rateLimits.uploadPiece } as const
const tusErrors = ['tus_version_not_supported', 'upload_not_found', 'upload_expired', 'upload_locked'] as const

/**
 * Files that become videos. `create` to `end` speak tus 1.0: headers say what others say in JSON.
 */
export const uploads = {
  publish: route({
    method: 'POST',
    path: '/v1/videos',
    summary:
      'Publish a video: a finished upload by its id, or a file in one request, where fields before the file are checked before it is sent',
    tag: 'videos',
    access: 'user',
    rateLimit: rateLimits.upload,
    errors: [
      'body_too_large',
      'unsupported_media_type',
      'not_a_video',
      'sensitive_words',
      'upload_aborted',
      'upload_not_found',
      'upload_incomplete',
      'upload_checksum_mismatch',
      'storage_full',
    ],
    successStatus: 201,
  })
    .input(
      z.object({
        title: Title,
        description: Description.default(''),
        file: z.file().optional(),
        uploadId: UploadId.optional(),
      }),
    )
    .output(V1Video),
  create: route({
    method: 'POST',
    path: '/v1/uploads',
    summary: 'Begin a resumable upload (tus 1.0: creation, creation-with-upload, concatenation)',
    tag: 'uploads',
    access: 'user',
    rateLimit: rateLimits.uploadPiece,
    errors: [
      'tus_version_not_supported',
      'upload_not_found',
      'upload_expired',
      'upload_incomplete',
      'upload_too_large',
      'upload_quota_exceeded',
      'upload_checksum_mismatch',
      'upload_aborted',
      'storage_full',
    ],
    successStatus: 201,
  }),
  inspect: route({
    ...piece,
    method: 'HEAD',
    path: '/v1/uploads/{id}',
    summary: 'How much of an upload is there, in Upload-Offset (tus 1.0)',
    errors: tusErrors,
  }).input(ofUpload),
  append: route({
    ...piece,
    method: 'PATCH',
    path: '/v1/uploads/{id}',
    summary: 'Send bytes from Upload-Offset on (tus 1.0, checksum)',
    errors: [
      ...tusErrors,
      'upload_offset_conflict',
      'upload_too_large',
      'upload_checksum_mismatch',
      'upload_aborted',
      'storage_full',
    ],
    successStatus: 204,
  }).input(ofUpload),
  end: route({
    ...piece,
    method: 'DELETE',
    path: '/v1/uploads/{id}',
    summary: 'Remove an upload and its bytes (tus 1.0, termination)',
    errors: [...tusErrors, 'upload_published'],
    successStatus: 204,
  }).input(ofUpload),
}
