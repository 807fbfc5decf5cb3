import { z } from 'zod'

/** The variables of services that keep pictures. */
export const PictureConfig = z.object({
  PICTURE_JOBS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .meta({ description: 'How many pictures one instance makes at a time; each may take a core and 512 MiB' }),
})
