import { RedisConfig } from '@fanone/service-kit'
import type { z } from 'zod'

/** The feed's own variables: only where its Redis is. */
export const FeedConfig = RedisConfig
export type FeedConfig = z.infer<typeof FeedConfig>
