import { SensitiveWordsConfig } from '@fanone/service-kit'
import { z } from 'zod'

/** The interaction service's own variables. */
export const InteractionConfig = z.object({ ...SensitiveWordsConfig.shape })
export type InteractionConfig = z.infer<typeof InteractionConfig>
