import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** A published video. Deleting keeps the row, so that its upload cannot be published again. */
export const VideoEntity = defineEntity({
  name: 'Video',
  tableName: 'video',
  properties: {
    id: p.bigint('number').primary(),
    authorId: p.bigint('number'),
    uploadId: p.string().length(32).unique(),
    title: p.string().length(100),
    description: p.string().length(2000),
    videoKey: p.string().length(200),
    coverKey: p.string().length(200),
    durationMs: p.integer(),
    width: p.integer(),
    height: p.integer(),
    sizeBytes: p.bigint('number'),
    /** Counts the changes; projections ignore what is older than what they have. */
    version: p.integer(),
    /** The time in the id. */
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    deletedAt: p.datetime(3).nullable(),
  },
})
export type VideoRow = InferEntity<typeof VideoEntity>
