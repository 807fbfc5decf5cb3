import { z } from 'zod'

/** The relation service has no settings of its own. */
export const RelationConfig = z.object({})
export type RelationConfig = z.infer<typeof RelationConfig>
