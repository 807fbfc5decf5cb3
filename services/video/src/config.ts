import { PictureConfig } from '@fanone/pictures'
import { SensitiveWordsConfig } from '@fanone/service-kit'
import { StorageConfig, SweepConfig } from '@fanone/storage'
import { z } from 'zod'

const GIBIBYTE = 1024 ** 3

/** The video service's own variables. */
export const VideoConfig = z.object({
  ...SensitiveWordsConfig.shape,
  ...PictureConfig.shape,
  ...StorageConfig.shape,
  ...SweepConfig.shape,
  MEDIA_JOBS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(2)
    .meta({ description: 'How many uploads one instance examines at a time; each may take a core and 512 MiB' }),
  UPLOAD_EXPIRY_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .default(86_400)
    .meta({ description: 'How long after its beginning a resumable upload that was not published is removed' }),
  UPLOADS_UNFINISHED: z.coerce
    .number()
    .int()
    .min(1)
    .default(64)
    .meta({ description: 'Resumable uploads of one user that are not published yet; parts count' }),
  UPLOAD_BYTES_UNFINISHED: z.coerce
    .number()
    .int()
    .min(1)
    .default(16 * GIBIBYTE)
    .meta({ description: 'Bytes of one user in resumable uploads that are not published yet' }),
  UPLOAD_BYTES_A_DAY: z.coerce
    .number()
    .int()
    .min(1)
    .default(64 * GIBIBYTE)
    .meta({ description: 'Bytes that one user may upload resumably in 24 hours' }),
  RENDITIONS: z
    .enum(['all', 'needed'])
    .default('all')
    .meta({ description: 'What is made of videos that every browser plays as they are: all, or nothing (needed)' }),
})
export type VideoConfig = z.infer<typeof VideoConfig>
