import type { Card, Comment, Profile, TokenPair, Video } from '@fanone/contracts'
import type { V1Comment, V1FeedItem, V1User, V1Video } from '@fanone/contracts/gateway'

type MediaUrl = (key: string) => string
/** Ids of the users whom the viewer follows, at least of those who are shown. */
type Followed = ReadonlySet<number>

/** Ids of the content of one kind that the viewer likes, at least of what is shown. */
type Liked = ReadonlySet<number>

const nobody: Followed = new Set()
const nothing: Liked = new Set()

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

export function toV1Video(video: Video, mediaUrl: MediaUrl, liked = nothing): V1Video {
  const { videoKey, coverKey, version: _version, ...rest } = video
  return { ...rest, videoUrl: mediaUrl(videoKey), coverUrl: mediaUrl(coverKey), isLiked: liked.has(video.id) }
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
  comment: Comment,
  author: Profile,
  mediaUrl: MediaUrl,
  flags: { followed: Followed; liked: Liked } = { followed: nobody, liked: nothing },
): V1Comment {
  const { userId: _user, ...rest } = comment
  return { ...rest, author: toV1Author(author, mediaUrl, flags.followed), isLiked: flags.liked.has(comment.id) }
}
