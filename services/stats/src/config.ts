import { RedisConfig } from '@fanone/service-kit'
import type { z } from 'zod'

/** The variables of stats itself: only where its cache is. */
export const StatsConfig = RedisConfig
export type StatsConfig = z.infer<typeof StatsConfig>
