import type { Card, Comment, ContentCounters, Profile, TokenPair, UserCounters, Video } from '@fanone/contracts'
import type { V1Comment, V1FeedItem, V1User, V1Video } from '@fanone/contracts/gateway'

import { noContentCounters, noUserCounters } from '../counters/counters.service.ts'

type MediaUrl = (key: string) => string
/** Ids of the users whom the viewer follows, at least of those who are shown. */
type Followed = ReadonlySet<number>

/** Ids of the content of one kind that the viewer likes, at least of what is shown. */
type Liked = ReadonlySet<number>

const nobody: Followed = new Set()
const nothing: Liked = new Set()

const urlOrNull = (key: string | null, mediaUrl: MediaUrl) => (key === null ? null : mediaUrl(key))

/** @param profile with its counters; without them it is new, and everything counts zero */
export function toV1User(
  profile: Profile & { counters?: UserCounters },
  mediaUrl: MediaUrl,
  followed = nobody,
): V1User {
  const { avatarKey, backgroundKey, counters = noUserCounters, ...rest } = profile
  return {
    ...rest,
    counters,
    avatarUrl: urlOrNull(avatarKey, mediaUrl),
    backgroundUrl: urlOrNull(backgroundKey, mediaUrl),
    isFollowing: followed.has(profile.id),
  }
}

export function toV1Session(
  signedIn: { user: Profile & { counters?: UserCounters }; tokens: TokenPair },
  mediaUrl: MediaUrl,
) {
  return { user: toV1User(signedIn.user, mediaUrl), tokens: signedIn.tokens }
}

/** @param video with its counters; without them it is new, and everything counts zero */
export function toV1Video(video: Video & { counters?: ContentCounters }, mediaUrl: MediaUrl, liked = nothing): V1Video {
  const { videoKey, coverKey, version: _version, counters = noContentCounters, ...rest } = video
  return { ...rest, counters, videoUrl: mediaUrl(videoKey), coverUrl: mediaUrl(coverKey), isLiked: liked.has(video.id) }
}

/** The flags are those of a viewer; without them, nobody's. */
export function toV1FeedItem(card: Card, mediaUrl: MediaUrl, followed = nobody, liked = nothing): V1FeedItem {
  const { videoKey, coverKey, author, ...rest } = card
  return {
    ...rest,
    videoUrl: mediaUrl(videoKey),
    coverUrl: mediaUrl(coverKey),
    author: toV1Author(author, mediaUrl, followed),
    isLiked: liked.has(card.id),
  }
}

function toV1Author(author: Card['author'], mediaUrl: MediaUrl, followed: Followed) {
  const { id, username, name, avatarKey } = author
  return { id, username, name, avatarUrl: urlOrNull(avatarKey, mediaUrl), isFollowing: followed.has(id) }
}

/** @param flags of the viewer: whom of the authors they follow, which of the comments they like */
export function toV1Comment(
  comment: Comment & { counters?: ContentCounters },
  author: Profile,
  mediaUrl: MediaUrl,
  flags: { followed: Followed; liked: Liked } = { followed: nobody, liked: nothing },
): V1Comment {
  const { userId: _user, counters: { likes, comments } = noContentCounters, ...rest } = comment
  return {
    ...rest,
    counters: { likes, comments },
    author: toV1Author(author, mediaUrl, flags.followed),
    isLiked: flags.liked.has(comment.id),
  }
}
