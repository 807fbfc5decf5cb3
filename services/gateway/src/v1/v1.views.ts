import type { Card, ContentCounters, Profile, TokenPair, UserCounters, Video } from '@fanone/contracts'
import type { V1FeedItem, V1User, V1Video } from '@fanone/contracts/gateway'

import { noContentCounters, noUserCounters } from '../counters/counters.service.ts'

type MediaUrl = (key: string) => string

const urlOrNull = (key: string | null, mediaUrl: MediaUrl) => (key === null ? null : mediaUrl(key))

/** @param profile with its counters; without them it is new, and everything counts zero */
export function toV1User(profile: Profile & { counters?: UserCounters }, mediaUrl: MediaUrl): V1User {
  const { avatarKey, backgroundKey, counters = noUserCounters, ...rest } = profile
  return {
    ...rest,
    counters,
    avatarUrl: urlOrNull(avatarKey, mediaUrl),
    backgroundUrl: urlOrNull(backgroundKey, mediaUrl),
  }
}

export function toV1Session(
  signedIn: { user: Profile & { counters?: UserCounters }; tokens: TokenPair },
  mediaUrl: MediaUrl,
) {
  return { user: toV1User(signedIn.user, mediaUrl), tokens: signedIn.tokens }
}

/** @param video with its counters; without them it is new, and everything counts zero */
export function toV1Video(video: Video & { counters?: ContentCounters }, mediaUrl: MediaUrl): V1Video {
  const { videoKey, coverKey, version: _version, counters = noContentCounters, ...rest } = video
  return { ...rest, counters, videoUrl: mediaUrl(videoKey), coverUrl: mediaUrl(coverKey) }
}

export function toV1FeedItem(card: Card, mediaUrl: MediaUrl): V1FeedItem {
  const { videoKey, coverKey, author, ...rest } = card
  const { avatarKey, ...person } = author
  return {
    ...rest,
    videoUrl: mediaUrl(videoKey),
    coverUrl: mediaUrl(coverKey),
    author: { ...person, avatarUrl: urlOrNull(avatarKey, mediaUrl) },
  }
}
