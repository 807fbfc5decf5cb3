import type { Card, Video } from '@fanone/contracts'

/** A video as the video service answers it. */
export const sampleVideo: Video = {
  id: 1,
  authorId: 42,
  title: 't',
  description: '',
  videoKey: 'ab/video.mp4',
  coverKey: 'ab/cover.jpg',
  durationMs: 1,
  width: 1,
  height: 1,
  sizeBytes: 1,
  state: 'ready',
  progress: 100,
  reason: null,
  hlsKey: null,
  storyboardKey: null,
  version: 1,
  createdAt: '2026-11-21T13:07:40.769Z',
  updatedAt: '2026-11-21T13:07:40.769Z',
}

/** The same video as the feed shows it. */
export const sampleCard: Card = {
  ...sampleVideo,
  author: { id: sampleVideo.authorId, username: 'ann', name: 'Ann', avatarKey: null },
  counters: { likes: 3, comments: 2, visits: 9 },
}
