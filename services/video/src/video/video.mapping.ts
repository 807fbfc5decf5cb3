import type { EventData, Video, videoDeleted, videoPublished } from '@fanone/contracts'
import type { CataloguedVideo, VideoRow } from './video.entity.ts'

/** The row as callers see it. */
export function toVideo(row: CataloguedVideo): Video {
  return {
    id: row.id,
    authorId: row.authorId,
    title: row.title,
    description: row.description,
    videoKey: row.videoKey,
    coverKey: row.coverKey,
    durationMs: row.durationMs,
    width: row.width,
    height: row.height,
    sizeBytes: row.sizeBytes,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

/** The row as `video.published` and `video.updated` tell of it. */
export function toVideoFacts(row: VideoRow): EventData<typeof videoPublished> {
  const { id, sizeBytes: _size, ...facts } = toVideo(row)
  return { videoId: id, ...facts }
}

/** The row as `video.deleted` tells of it. */
export function toDeletion(row: VideoRow, deletedAt: Date): EventData<typeof videoDeleted> {
  return { videoId: row.id, authorId: row.authorId, version: row.version, deletedAt: deletedAt.toISOString() }
}
