import type { Card } from '@fanone/contracts'
import type { DouyinVideo, FanoneVideo, V1FeedItem } from '@fanone/contracts/gateway'
import type { ShownCard } from '../presenter/shown.ts'
import { toV1Author } from '../users/users.view.ts'
import { toDouyinVideo, toFanoneVideo } from '../videos/videos.view.ts'

/** A time below this is in seconds: as ms it would be before 1973. */
const SECONDS_BELOW = 100_000_000_000

export function toV1FeedItem({ card, videoUrl, coverUrl, author, isLiked }: ShownCard): V1FeedItem {
  const { videoKey: _video, coverKey: _cover, author: _author, ...rest } = card
  return { ...rest, videoUrl, coverUrl, author: toV1Author(author), isLiked }
}

export function toFanoneFeedItem({ card, ...shown }: ShownCard): FanoneVideo {
  return toFanoneVideo({ ...shown, counters: card.counters, video: { ...card, authorId: card.author.id } })
}

export function toDouyinFeedItem({ card, ...shown }: ShownCard): DouyinVideo {
  return toDouyinVideo({ ...shown, counters: card.counters, video: card })
}

/** `latest_time` in ms since 1970, undefined for now. */
export function readLatestTime(latestTime: number | undefined): number | undefined {
  if (!latestTime) return undefined
  return latestTime < SECONDS_BELOW ? latestTime * 1_000 : latestTime
}

/**
 * When the oldest of these was made, in ms since 1970; an empty list leads nowhere further back.
 */
export function nextTime(cards: Card[], beforeMs: number): number {
  return cards.length === 0 ? beforeMs : Math.min(...cards.map((card) => Date.parse(card.createdAt)))
}

/**
 * Where "after" begins for FanOne's `latest_time`. Times are shown without milliseconds, so clients
 * that ask with the last one they saw mean its whole second: with less, its videos came again.
 * Later videos of that second are skipped.
 */
export function endOfSecond(latestTimeMs: number): number {
  return latestTimeMs % 1_000 === 0 ? latestTimeMs + 999 : latestTimeMs
}
