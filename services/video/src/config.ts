import { PictureConfig } from '@fanone/pictures'
import { SensitiveWordsConfig } from '@fanone/service-kit'
import { StorageConfig, SweepConfig } from '@fanone/storage'
import { z } from 'zod'

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
})
export type VideoConfig = z.infer<typeof VideoConfig>
