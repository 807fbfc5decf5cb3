import type { Card, Profile, TokenPair, Video } from '@fanone/contracts'
import type { V1FeedItem, V1User, V1Video } from '@fanone/contracts/gateway'

type MediaUrl = (key: string) => string
/** Ids of the users whom the viewer follows, at least of those who are shown. */
type Followed = ReadonlySet<number>

const nobody: Followed = new Set()

const urlOrNull = (key: string | null, mediaUrl: MediaUrl) => (key === null ? null : mediaUrl(key))

export function toV1User(profile: Profile, mediaUrl: MediaUrl, followed = nobody): V1User {
  const { avatarKey, backgroundKey, ...rest } = profile
  return {
    ...rest,
    avatarUrl: urlOrNull(avatarKey, mediaUrl),
    backgroundUrl: urlOrNull(backgroundKey, mediaUrl),
    isFollowing: followed.has(profile.id),
  }
}

export function toV1Session(signedIn: { user: Profile; tokens: TokenPair }, mediaUrl: MediaUrl) {
  return { user: toV1User(signedIn.user, mediaUrl), tokens: signedIn.tokens }
}

export function toV1Video(video: Video, mediaUrl: MediaUrl): V1Video {
  const { videoKey, coverKey, version: _version, ...rest } = video
  return { ...rest, videoUrl: mediaUrl(videoKey), coverUrl: mediaUrl(coverKey) }
}

export function toV1FeedItem(card: Card, mediaUrl: MediaUrl, followed = nobody): V1FeedItem {
  const { videoKey, coverKey, author, ...rest } = card
  const { avatarKey, ...person } = author
  return {
    ...rest,
    videoUrl: mediaUrl(videoKey),
    coverUrl: mediaUrl(coverKey),
    author: { ...person, avatarUrl: urlOrNull(avatarKey, mediaUrl), isFollowing: followed.has(person.id) },
  }
}
