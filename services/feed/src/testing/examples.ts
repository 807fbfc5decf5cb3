import type { CloudEvent, Profile, Video } from '@fanone/contracts'
import { composeId, idTimeMs } from '@fanone/contracts'

const startMs = Date.UTC(2026, 10, 21, 12)

/** The id of a video that was made `ms` after noon. */
export const idAt = (ms: number, sequence = 0) => composeId({ timeMs: startMs + ms, worker: 0, sequence })
export const timeAt = (ms: number) => startMs + ms

export function exampleVideo(id: number, changes: Partial<Video> = {}): Video {
  const createdAt = new Date(idTimeMs(id)).toISOString()
  return {
    id,
    authorId: 7,
    title: `video ${id}`,
    description: '',
    videoKey: 'ab/video.mp4',
    coverKey: 'ab/cover.jpg',
    durationMs: 1_000,
    width: 640,
    height: 360,
    sizeBytes: 10,
    state: 'ready',
    progress: 100,
    reason: null,
    hlsKey: null,
    storyboardKey: null,
    version: 1,
    createdAt,
    updatedAt: createdAt,
    ...changes,
  }
}

export function exampleProfile(id: number, changes: Partial<Profile> = {}): Profile {
  const createdAt = new Date(startMs).toISOString()
  const texts = { username: `user${id}`, name: `User ${id}`, signature: '' }
  return { id, ...texts, avatarKey: null, backgroundKey: null, createdAt, updatedAt: createdAt, ...changes }
}

let lastEventId = 0
export function exampleEvent(changes: Partial<CloudEvent> = {}): CloudEvent {
  lastEventId++
  return {
    id: String(lastEventId),
    source: 'video',
    type: 'video.published.v1',
    specversion: '1.0',
    ...changes,
  } as CloudEvent
}
