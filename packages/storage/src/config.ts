import { z } from 'zod'

/** Where media live. */
export const StorageConfig = z.object({
  STORAGE: z
    .enum(['local', 's3'])
    .default('local')
    .meta({ description: '`local`: a folder in FANONE_HOME; `s3`: a bucket, for several machines' }),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: 'A server that speaks the protocol of S3; AWS itself without it' }),
  S3_REGION: z.string().default('us-east-1').meta({ description: 'Region of the bucket' }),
  S3_BUCKET: z.string().default('fanone').meta({ description: 'Made at the first start if it is missing' }),
  S3_PRESIGN_SECONDS: z.coerce.number().int().min(0).max(604_800).default(0).meta({
    description: 'Clients fetch media from the bucket themselves, by addresses that are good for so long; 0: never',
  }),
})

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
