import type { Card, Comment, ContentCounters, Profile, UserCounters, Video } from '@fanone/contracts'
import type { DouyinComment, DouyinUser, DouyinVideo } from '@fanone/contracts/gateway'

import { noContentCounters, noUserCounters } from '../counters/counters.service.ts'

type MediaUrl = (key: string) => string
/** Ids of the users whom the viewer follows, at least of those who are shown. */
type Followed = ReadonlySet<number>
type Author = Pick<Profile, 'id' | 'name' | 'avatarKey'> &
  Partial<Pick<Profile, 'backgroundKey' | 'signature'>> & { counters?: UserCounters }

/** Ids of the videos that the viewer likes, at least of those that are shown. */
type Liked = ReadonlySet<number>

const nobody: Followed = new Set()
const nothing: Liked = new Set()

/** A time below this is in seconds: as ms it would be before 1973. */
const SECONDS_BELOW = 100_000_000_000
const UTC_PLUS_8_MS = 8 * 60 * 60_000

const success = { status_code: 0, status_msg: 'success' }

/** The answer of a success, with the fields of the route beside the status. */
export const answer = <Fields extends object>(fields: Fields) => ({ ...success, ...fields })

/** `latest_time` in ms since 1970, undefined for now. */
export function readLatestTime(latestTime: number | undefined): number | undefined {
  if (!latestTime) return undefined
  return latestTime < SECONDS_BELOW ? latestTime * 1_000 : latestTime
}

/** When the oldest of these was made, in ms since 1970; an empty list leads nowhere further back. */
export function nextTime(cards: Card[], askedBeforeMs: number): number {
  return cards.length === 0 ? askedBeforeMs : Math.min(...cards.map((card) => Date.parse(card.createdAt)))
}

/** @param author with the counters; without them everything counts zero */
export function toDouyinUser(author: Author, mediaUrl: MediaUrl, followed = nobody): DouyinUser {
  const { works, likesReceived, likesGiven, following, followers } = author.counters ?? noUserCounters
  return {
    id: author.id,
    name: author.name,
    follow_count: following,
    follower_count: followers,
    is_follow: followed.has(author.id),
    avatar: author.avatarKey === null ? '' : mediaUrl(author.avatarKey),
    background_image: author.backgroundKey ? mediaUrl(author.backgroundKey) : '',
    signature: author.signature ?? '',
    total_favorited: likesReceived,
    work_count: works,
    favorite_count: likesGiven,
  }
}

export function toDouyinVideo(
  video: Pick<Video, 'id' | 'videoKey' | 'coverKey' | 'title'> & { counters?: ContentCounters },
  author: Author,
  mediaUrl: MediaUrl,
  followed = nobody,
  liked = nothing,
): DouyinVideo {
  return {
    id: video.id,
    author: toDouyinUser(author, mediaUrl, followed),
    play_url: mediaUrl(video.videoKey),
    cover_url: mediaUrl(video.coverKey),
    favorite_count: (video.counters ?? noContentCounters).likes,
    comment_count: (video.counters ?? noContentCounters).comments,
    is_favorite: liked.has(video.id),
    title: video.title,
  }
}

/** The day of a comment is that of UTC+8, as people in China see it. */
export function toDouyinComment(
  comment: Comment,
  author: Author,
  mediaUrl: MediaUrl,
  followed = nobody,
): DouyinComment {
  const { id, text: content } = comment
  const local = new Date(Date.parse(comment.createdAt) + UTC_PLUS_8_MS).toISOString()
  return { id, user: toDouyinUser(author, mediaUrl, followed), content, create_date: local.slice(5, 10) }
}
