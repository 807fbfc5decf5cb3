import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** What is made of a video after it was published. */
export type JobKind = 'faststart' | 'renditions' | 'storyboard'

/** Work on a video that is not done yet, or was given up. What is done has no row. */
export const MediaJobEntity = defineEntity({
  name: 'MediaJob',
  tableName: 'media_job',
  properties: {
    id: column.id().primary(),
    videoId: column.id(),
    kind: column.ascii(16).$type<JobKind>(),
    isGivenUp: column.flag(),
    /** How often somebody has begun it. */
    attempts: column.tinyInteger(),
    /** Percent of the attempt under way. */
    progress: column.tinyInteger(),
    /** When somebody may take it: at once, after a pause, or when the lease of its taker ends. */
    availableAt: column.time(),
    /** The taker's: 32 random hex digits, new for each attempt; empty while nobody has it. */
    lease: column.ascii(32),
    /** Why the last attempt failed. */
    reason: column.text(200),
    createdAt: column.time(),
  },
  indexes: [{ name: 'media_job_next', properties: ['isGivenUp', 'availableAt', 'id'] }],
  uniques: [{ name: 'media_job_of_video', properties: ['videoId', 'kind'] }],
})
export type MediaJobRow = InferEntity<typeof MediaJobEntity>
