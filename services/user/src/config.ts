import { availableParallelism } from 'node:os'
import { PictureConfig } from '@fanone/pictures'
import { commaList, SensitiveWordsConfig } from '@fanone/service-kit'
import { StorageConfig, SweepConfig } from '@fanone/storage'
import { z } from 'zod'

/** The user service's own variables. */
export const UserConfig = z.object({
  ...SensitiveWordsConfig.shape,
  ...PictureConfig.shape,
  ...StorageConfig.shape,
  ...SweepConfig.shape,
  CODE_WEBHOOK_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: 'Where verification codes are posted to be sent; without it they go to run/codes.jsonl' }),
  PASSKEY_ORIGINS: commaList
    .refine(
      (origins) => origins.every((origin) => URL.parse(origin)?.origin === origin),
      'must be origins, such as https://fanone.example',
    )
    .meta({
      description:
        'Origins whose pages may use passkeys, divided by commas; passkeys are bound to the host of the first. Without it: pages of http://localhost',
    }),
  HASH_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(Math.max(1, availableParallelism() - 1))
    .meta({
      description: 'Passwords hashed at the same time; by default one core is left to everything else',
      defaultText: 'cores − 1',
    }),
  HASH_WAIT_MS: z.coerce.number().int().min(0).max(60_000).default(1_000).meta({
    description: "Longest wait for a hash (ms), below the callers' timeout; others are told to come back later",
  }),
})
export type UserConfig = z.infer<typeof UserConfig>
