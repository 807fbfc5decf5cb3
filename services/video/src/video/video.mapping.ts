import type { EventData, Video, videoDeleted, videoPublished, videoReady } from '@fanone/contracts'
import type { CataloguedVideo, VideoRow } from './video.entity.ts'

/** The row as callers see it; how far a job is only its own row knows. */
export function toVideo(row: CataloguedVideo): Video {
  const { state } = row
  return {
    state,
    progress: state === 'ready' ? 100 : 0,
    reason: row.reason || null,
    hlsKey: row.hlsKey || null,
    storyboardKey: row.storyboardKey || null,
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
  const { id, authorId, title, description, videoKey, coverKey, durationMs, width, height, version } = row
  const facts = { authorId, title, description, videoKey, coverKey, durationMs, width, height, version }
  return { videoId: id, ...facts, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() }
}

/** The row as `video.ready` tells of it. */
export function toReadiness(row: VideoRow, readyAt: Date): EventData<typeof videoReady> {
  const { id, authorId, version, videoKey, hlsKey } = row
  return { videoId: id, authorId, version, videoKey, hlsKey, readyAt: readyAt.toISOString() }
}

/** The row as `video.deleted` tells of it. */
export function toDeletion(row: VideoRow, deletedAt: Date): EventData<typeof videoDeleted> {
  return { videoId: row.id, authorId: row.authorId, version: row.version, deletedAt: deletedAt.toISOString() }
}
