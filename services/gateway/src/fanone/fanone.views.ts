import type { Card, Comment, ContentCounters, Profile, Video } from '@fanone/contracts'
import type { FanoneComment, FanoneSocialUser, FanoneUser, FanoneVideo } from '@fanone/contracts/gateway'

import { noContentCounters } from '../counters/counters.service.ts'

type MediaUrl = (key: string) => string

const UTC_PLUS_8_MS = 8 * 60 * 60_000

const success = { code: 10000, msg: 'success' }

/** The answer of an action that has nothing to say. */
export const done = () => ({ base: success })

/** The answer that carries data. */
export const answer = <Data>(data: Data) => ({ base: success, data })

/** An RFC 3339 instant as `YYYY-MM-DD HH:MM:SS` in UTC+8, fractions of seconds cut off. */
export function toFanoneTime(instant: string): string {
  const shifted = new Date(Date.parse(instant) + UTC_PLUS_8_MS)
  return shifted.toISOString().slice(0, 19).replace('T', ' ')
}

export function toFanoneUser(profile: Profile, mediaUrl: MediaUrl): FanoneUser {
  return {
    id: String(profile.id),
    username: profile.username,
    avatar_url: profile.avatarKey === null ? '' : mediaUrl(profile.avatarKey),
    created_at: toFanoneTime(profile.createdAt),
    updated_at: toFanoneTime(profile.updatedAt),
    deleted_at: '',
  }
}

export function toFanoneSocialUser(profile: Profile, mediaUrl: MediaUrl): FanoneSocialUser {
  const { id, username, avatar_url } = toFanoneUser(profile, mediaUrl)
  return { id, username, avatar_url }
}

export function cardToFanoneVideo(card: Card, mediaUrl: MediaUrl): FanoneVideo {
  return toFanoneVideo({ ...card, authorId: card.author.id }, mediaUrl)
}

/** @param video with its counters; without them it is new, and everything counts zero */
export function toFanoneVideo(
  video: Omit<Video, 'sizeBytes' | 'version'> & { counters?: ContentCounters },
  mediaUrl: MediaUrl,
): FanoneVideo {
  const { likes, comments, visits } = video.counters ?? noContentCounters
  return {
    id: String(video.id),
    user_id: String(video.authorId),
    video_url: mediaUrl(video.videoKey),
    cover_url: mediaUrl(video.coverKey),
    title: video.title,
    description: video.description,
    visit_count: visits,
    like_count: likes,
    comment_count: comments,
    created_at: toFanoneTime(video.createdAt),
    updated_at: toFanoneTime(video.updatedAt),
    deleted_at: '',
  }
}

/** A comment does not change once it is written. */
export function toFanoneComment(comment: Comment & { counters?: ContentCounters }): FanoneComment {
  const { likes, comments: replies } = comment.counters ?? noContentCounters
  const createdAt = toFanoneTime(comment.createdAt)
  return {
    id: String(comment.id),
    user_id: String(comment.userId),
    video_id: String(comment.contentId),
    parent_id: comment.parentId === null ? '' : String(comment.parentId),
    like_count: likes,
    child_count: replies,
    content: comment.text,
    created_at: createdAt,
    updated_at: createdAt,
    deleted_at: '',
  }
}
