import type { VideoState } from '@fanone/contracts'
import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** A published video. Deleting keeps the row, so that its upload cannot be published again. */
export const VideoEntity = defineEntity({
  name: 'Video',
  tableName: 'video',
  properties: {
    id: column.id().primary(),
    authorId: column.id(),
    uploadId: column.asciiChar(32).unique('video_upload_id'),
    title: column.text(100),
    description: column.text(2000),
    /** What is played: the upload, or what was made of it where not every browser plays that. */
    videoKey: column.ascii(200),
    coverKey: column.ascii(200),
    durationMs: column.integer(),
    width: column.smallInteger(),
    height: column.smallInteger(),
    sizeBytes: column.id(),
    /** Counts the changes; projections ignore what is older than what they have. */
    version: column.integer(),
    /** The time in the id. */
    createdAt: column.time(),
    updatedAt: column.time(),
    deletedAt: column.time().nullable(),
    deletedBy: column.marks(),
    /** The upload; empty in rows of earlier versions, whose `videoKey` it is. */
    sourceKey: column.ascii(200).default('').ignoreSchemaChanges('default'),
    state: column.ascii(16).default('ready').ignoreSchemaChanges('default').$type<VideoState>(),
    /** Why it failed; else empty. */
    reason: column.text(200).default('').ignoreSchemaChanges('default'),
    /** The playlist of all renditions; empty where there are none. */
    hlsKey: column.ascii(200).default('').ignoreSchemaChanges('default'),
    /** The pictures for the seek bar; empty where there are none. */
    storyboardKey: column.ascii(200).default('').ignoreSchemaChanges('default'),
  },
  indexes: [{ name: 'video_by_author', properties: ['authorId', 'deletedAt', 'id'] }],
})
export type VideoRow = InferEntity<typeof VideoEntity>
/** What callers see of a video. */
export type CataloguedVideo = Omit<VideoRow, 'uploadId' | 'sourceKey' | 'deletedAt' | 'deletedBy'>
