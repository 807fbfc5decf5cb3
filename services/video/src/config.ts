import { SensitiveWordsConfig } from '@fanone/service-kit'
import { z } from 'zod'

/** The video service's own variables. */
export const VideoConfig = z.object({
  ...SensitiveWordsConfig.shape,
  MEDIA_JOBS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(2)
    .meta({ description: 'How many uploads one instance examines at a time; each may take a core and 512 MiB' }),
  MEDIA_SWEEP_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(3_600)
    .meta({ description: 'How often media that belong to no video are looked for' }),
  MEDIA_GRACE_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .default(86_400)
    .meta({ description: 'How long an upload may wait to be published before it is removed' }),
})
export type VideoConfig = z.infer<typeof VideoConfig>
