import type { Card, EventData, Video, videoPublished } from '@fanone/contracts'

/** What a card shows of the video itself; author and counters are joined when a page is read. */
export type CardFacts = Omit<Card, 'author' | 'counters'>

/** The card of a video at one version; null if it is deleted. */
export interface CardChange {
  id: number
  version: number
  card: { authorId: number; facts: CardFacts } | null
}

/**
 * The version of a video that disappeared without an event. Deleted videos never come back, so
 * nothing is newer.
 */
const FINAL_VERSION = Number.MAX_SAFE_INTEGER

/** A video of the catalogue as a change of its card. */
export function changeFromVideo(video: CardFacts & Pick<Video, 'authorId' | 'version'>): CardChange {
  const facts: CardFacts = {
    id: video.id,
    title: video.title,
    description: video.description,
    videoKey: video.videoKey,
    coverKey: video.coverKey,
    durationMs: video.durationMs,
    width: video.width,
    height: video.height,
    createdAt: video.createdAt,
    updatedAt: video.updatedAt,
  }
  return { id: video.id, version: video.version, card: { authorId: video.authorId, facts } }
}

/** The data of `video.published` or `video.updated`, which both carry all facts. */
export function changeFromEvent({ videoId, ...facts }: EventData<typeof videoPublished>): CardChange {
  return changeFromVideo({ id: videoId, ...facts })
}

/** A video that is gone, at the version it was deleted at if that is known. */
export function removal(id: number, version = FINAL_VERSION): CardChange {
  return { id, version, card: null }
}
