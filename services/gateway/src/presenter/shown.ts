import type { Card, Comment, ContentCounters, Profile, UserCounters, Video } from '@fanone/contracts'

/** The least that is known of a user on a page: cards of the feed know no more of their authors. */
export type Person = Card['author'] & Partial<Profile>

/** A user as shown to a viewer. */
export interface ShownUser<User extends Person = Profile> {
  user: User
  /** Their own, or the one drawn from the id. */
  avatarUrl: string
  backgroundUrl: string | null
  counters: UserCounters
  /** Whether the viewer follows them. */
  isFollowing: boolean
}

/** A video as it is shown to a viewer. */
export interface ShownVideo {
  video: Video
  videoUrl: string
  coverUrl: string
  hlsUrl: string | null
  storyboardUrl: string | null
  counters: ContentCounters
  /** Whether the viewer likes it. */
  isLiked: boolean
}

/** A card of the feed as it is shown to a viewer. */
export interface ShownCard {
  card: Card
  videoUrl: string
  coverUrl: string
  author: ShownUser<Person>
  /** Whether the viewer likes the video. */
  isLiked: boolean
}

/** A comment as it is shown to a viewer. */
export interface ShownComment {
  comment: Comment
  counters: Pick<ContentCounters, 'likes' | 'comments'>
  /** Whether the viewer likes it. */
  isLiked: boolean
}

/** Content together with its author. */
export type WithAuthor<Shown> = Shown & { author: ShownUser }
