import { z } from 'zod'

/** The interaction service has no settings of its own. */
export const InteractionConfig = z.object({})
export type InteractionConfig = z.infer<typeof InteractionConfig>
