import { ImageKind } from '@fanone/contracts'
import { Address } from '@fanone/service-kit'
import { StorageConfig } from '@fanone/storage'
import { z } from 'zod'

const numbers = (count: number) =>
  z
    .string()
    .transform((text) => text.split(',').map(Number))
    .refine(
      (list) => list.length === count && list.every(Number.isFinite),
      `must be ${count} numbers divided by commas`,
    )

/** The image-search service's own variables. */
export const ImageSearchConfig = z.object({
  ...StorageConfig.shape,
  IMAGE_SEARCH: z.enum(['on', 'off']).default('on').meta({
    description: '`off`: pictures are noted and nothing is searched; a start with `on` catches up. Read by `npm start`',
  }),
  IMAGE_KINDS: z
    .string()
    .default(ImageKind.options.join(','))
    .transform((text) => text.split(','))
    .pipe(z.array(ImageKind))
    .meta({ description: 'Which pictures are indexed' }),
  IMAGE_FRAMES: z.coerce
    .number()
    .int()
    .min(0)
    .max(100)
    .default(4)
    .meta({ description: 'How many frames of a video are indexed, at most' }),
  IMAGE_JOBS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(1)
    .meta({ description: 'Threads of an instance that make features, and pictures it decodes at a time' }),
  IMAGE_MODEL: z.string().optional().meta({
    description: 'ONNX file whose first output are the features of a picture; the one of the set-up without it',
  }),
  IMAGE_MODEL_SIDE: z.coerce
    .number()
    .int()
    .min(16)
    .max(1_024)
    .default(224)
    .meta({ description: 'Pixels on each side of what the model takes' }),
  IMAGE_MODEL_MEAN: numbers(3)
    .default([127, 127, 127])
    .meta({ description: 'What is subtracted of red, green and blue (0 to 255)' }),
  IMAGE_MODEL_DEVIATION: numbers(3).default([128, 128, 128]).meta({ description: 'What they are divided by then' }),
  IMAGE_MODEL_DIMENSION: z.coerce
    .number()
    .int()
    .min(2)
    .max(4_096)
    .default(1_280)
    .meta({ description: 'How many features there are' }),
  MILVUS_ADDRESS: Address.meta({ description: 'Milvus, or Milvus Lite of the local stack' }),
  MILVUS_USER: z.string().default('').meta({
    description: 'User of a Milvus that asks for one; the password is the secret `milvus-password`',
  }),
  MILVUS_TLS: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: 'Whether Milvus is spoken to by TLS' }),
  MILVUS_CA: z.string().default('').meta({
    description: 'PEM file of who signs the certificate of Milvus; without it, who Node trusts',
  }),
  MILVUS_DATABASE: z
    .string()
    .regex(/^\w*$/)
    .default('')
    .meta({ description: 'Database within a Milvus that has several' }),
  MILVUS_PREFIX: z
    .string()
    .regex(/^[a-z]\w{0,60}$/i)
    .default('fanone_pictures')
    .meta({ description: 'How the names of collections begin, and the alias of the one that is searched' }),
})
export type ImageSearchConfig = z.infer<typeof ImageSearchConfig>
