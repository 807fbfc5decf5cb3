import { z } from 'zod'

/** The variables of services that look for media nobody needs any more. */
export const SweepConfig = z.object({
  MEDIA_SWEEP_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(3_600)
    .meta({ description: 'How often media that belong to nothing are looked for' }),
  MEDIA_GRACE_SECONDS: z.coerce.number().int().min(60).default(86_400).meta({
    description: 'How long an upload may wait to be published, or media belong to nothing, before they are removed',
  }),
})
