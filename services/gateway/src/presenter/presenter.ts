import type { Card, Comment, CommentPage, LikedContent, ListedUser, Profile, Video } from '@fanone/contracts'
import { defaultAvatarKey } from '@fanone/contracts'
import { type Identity, ServiceError } from '@fanone/service-kit'
import { type Counters, noContentCounters, noUserCounters } from './counters.ts'
import type { Flags } from './flags.ts'
import type { Lookups } from './lookups.ts'
import type { Person, ShownCard, ShownComment, ShownUser, ShownVideo, WithAuthor } from './shown.ts'

/**
 * The user a page is made for; undefined for nobody in particular, which shows no flags and costs
 * no calls.
 */
export type Viewer = Identity | undefined

export interface PresenterOptions {
  lookups: Lookups
  flags: Flags
  counters: Counters
  /** Turns where a file is into where a client finds it. */
  mediaUrl: (key: string) => string
}

/**
 * Puts together what pages show: videos, cards, comments and users with their counters and the
 * viewer's flags, the same for all surfaces, which only name the fields. What can be asked at the
 * same time is.
 */
export class Presenter {
  readonly #options: PresenterOptions

  constructor(options: PresenterOptions) {
    this.#options = options
  }

  async users(profiles: Profile[], viewer?: Viewer): Promise<ShownUser[]> {
    const ids = profiles.map(({ id }) => id)
    const { counters, flags } = this.#options
    const [counted, followed] = await Promise.all([counters.ofUsers(ids), flags.followedBy(viewer, ids)])
    return profiles.map((profile, index) => ({
      ...this.newUser(profile),
      counters: counted[index] ?? noUserCounters,
      isFollowing: followed.has(profile.id),
    }))
  }

  async user(profile: Profile, viewer?: Viewer): Promise<ShownUser> {
    const [shown] = await this.users([profile], viewer)
    return shown ?? this.newUser(profile)
  }

  /** Those of a list that are known, which says whom of them the viewer follows. */
  async listedUsers(listed: ListedUser[]): Promise<ShownUser[]> {
    const known = listed.flatMap(({ user, isFollowing }) => (user ? [{ user, isFollowing }] : []))
    const counted = await this.#options.counters.ofUsers(known.map(({ user }) => user.id))
    return known.map(({ user, isFollowing }, index) => ({
      ...this.newUser(user),
      counters: counted[index] ?? noUserCounters,
      isFollowing,
    }))
  }

  /** In the order of the ids; unknown ones are left out. */
  usersById(ids: number[], viewer?: Viewer): Promise<ShownUser[]> {
    return this.#usersById(this.#options.lookups.users, ids, viewer)
  }

  /** @throws ServiceError `user_not_found` */
  async userById(id: number, viewer?: Viewer): Promise<ShownUser> {
    const [shown] = await this.usersById([id], viewer)
    if (!shown) throw new ServiceError('user_not_found')
    return shown
  }

  /**
   * The authors of videos, who may be shown as they were a second ago; otherwise as `usersById`.
   */
  authorsById(ids: number[], viewer?: Viewer): Promise<ShownUser[]> {
    return this.#usersById(this.#options.lookups.recentUsers, unique(ids), viewer)
  }

  async #usersById(look: Lookups['users'], ids: number[], viewer: Viewer): Promise<ShownUser[]> {
    const [shown, followed] = await Promise.all([
      look(ids).then((profiles) => this.users(profiles)),
      this.#options.flags.followedBy(viewer, ids),
    ])
    return shown.map((one) => ({ ...one, isFollowing: followed.has(one.user.id) }))
  }

  /**
   * A user without counters and flags: a new one, or for surfaces that show neither. Makes no
   * calls.
   */
  newUser<User extends Person>(user: User): ShownUser<User> {
    return {
      user,
      avatarUrl: this.#options.mediaUrl(user.avatarKey ?? defaultAvatarKey(user.id)),
      backgroundUrl: this.#urlOf(user.backgroundKey),
      counters: noUserCounters,
      isFollowing: false,
    }
  }

  async videos(videos: Video[], viewer?: Viewer): Promise<ShownVideo[]> {
    const ids = videos.map(({ id }) => id)
    const { counters, flags } = this.#options
    const [counted, liked] = await Promise.all([counters.ofContent('video', ids), flags.likedBy(viewer, 'video', ids)])
    return videos.map((video, index) => ({
      ...this.newVideo(video),
      counters: counted[index] ?? noContentCounters,
      isLiked: liked.has(video.id),
    }))
  }

  async video(video: Video, viewer?: Viewer): Promise<ShownVideo> {
    const [shown] = await this.videos([video], viewer)
    return shown ?? this.newVideo(video)
  }

  /** @throws ServiceError `video_not_found` */
  async videoById(id: number, viewer?: Viewer): Promise<ShownVideo> {
    const { lookups, flags } = this.#options
    const [[shown], liked] = await Promise.all([
      lookups.videos([id]).then((videos) => this.videos(videos)),
      flags.likedBy(viewer, 'video', [id]),
    ])
    if (!shown) throw new ServiceError('video_not_found')
    return { ...shown, isLiked: liked.has(id) }
  }

  /** Those of a list of likes, which says which of them the viewer likes, that are public. */
  async likedVideos(likes: Liked[]): Promise<ShownVideo[]> {
    return this.#likedVideos(likes, await this.#options.lookups.videos(likes.map(({ contentId }) => contentId)))
  }

  /**
   * The same with their authors, without those whose author is gone. Videos and authors may be
   * shown as they were a second ago.
   */
  async likedVideosWithAuthors(likes: Liked[], viewer?: Viewer): Promise<WithAuthor<ShownVideo>[]> {
    const videos = await this.#options.lookups.recentVideos(likes.map(({ contentId }) => contentId))
    const [shown, authors] = await Promise.all([
      this.#likedVideos(likes, videos),
      this.authorsById(
        videos.map(({ authorId }) => authorId),
        viewer,
      ),
    ])
    return joinAuthors(shown, ({ video }) => video.authorId, authors)
  }

  async #likedVideos(likes: Liked[], videos: Video[]): Promise<ShownVideo[]> {
    const liked = new Set(likes.flatMap(({ contentId, isLiked }) => (isLiked ? [contentId] : [])))
    return (await this.videos(videos)).map((one) => ({ ...one, isLiked: liked.has(one.video.id) }))
  }

  /** A video that nobody has seen yet. Makes no calls. */
  newVideo(video: Video): ShownVideo {
    const urls = { hlsUrl: this.#urlOf(video.hlsKey), storyboardUrl: this.#urlOf(video.storyboardKey) }
    return { video, ...this.#urlsOf(video), ...urls, counters: noContentCounters, isLiked: false }
  }

  /** Cards of the feed, which bring their counters and the names of their authors. */
  async cards(cards: Card[], viewer?: Viewer): Promise<ShownCard[]> {
    const authorIds = cards.map(({ author }) => author.id)
    const [followed, liked] = await Promise.all([
      this.#options.flags.followedBy(viewer, authorIds),
      this.#likedOf(cards, viewer),
    ])
    return this.#cards(cards, { followed, liked })
  }

  /** Cards by those whom the viewer follows, which is why nobody is asked for that. */
  async cardsOfFollowed(cards: Card[], viewer: Identity): Promise<ShownCard[]> {
    const followed = new Set(cards.map(({ author }) => author.id))
    return this.#cards(cards, { followed, liked: await this.#likedOf(cards, viewer) })
  }

  #likedOf(cards: Card[], viewer: Viewer): Promise<ReadonlySet<number>> {
    const ids = cards.map(({ id }) => id)
    return this.#options.flags.likedBy(viewer, 'video', ids)
  }

  #cards(cards: Card[], { followed, liked }: Record<'followed' | 'liked', ReadonlySet<number>>): ShownCard[] {
    return cards.map((card) => ({
      card,
      ...this.#urlsOf(card),
      author: { ...this.newUser<Person>(card.author), isFollowing: followed.has(card.author.id) },
      isLiked: liked.has(card.id),
    }))
  }

  /** The same with the counters of their authors. */
  async cardsWithAuthorCounters(cards: Card[], viewer?: Viewer): Promise<ShownCard[]> {
    const [shown, counted] = await Promise.all([
      this.cards(cards, viewer),
      this.#options.counters.ofUsers(cards.map(({ author }) => author.id)),
    ])
    return shown.map((card, index) => ({
      ...card,
      author: { ...card.author, counters: counted[index] ?? noUserCounters },
    }))
  }

  /** Comments bring their counters and what the viewer likes. Makes no calls. */
  comments({ items }: Pick<Comments, 'items'>): ShownComment[] {
    return items.map(({ counters, isLiked, ...comment }) => ({ comment, counters, isLiked }))
  }

  /** The same with the names of their authors; those whose author is gone are left out. */
  async commentsWithAuthors(page: Comments, viewer?: Viewer): Promise<WithAuthor<ShownComment>[]> {
    const ids = page.authors.map(({ id }) => id)
    const followed = await this.#options.flags.followedBy(viewer, ids)
    const authors = page.authors.map((profile) => ({
      ...this.newUser(profile),
      isFollowing: followed.has(profile.id),
    }))
    return joinAuthors(this.comments(page), ({ comment }) => comment.userId, authors)
  }

  /** The same with everything about their authors. */
  async commentsWithWholeAuthors(page: Comments, viewer?: Viewer): Promise<WithAuthor<ShownComment>[]> {
    const authors = await this.users(page.authors, viewer)
    return joinAuthors(this.comments(page), ({ comment }) => comment.userId, authors)
  }

  /** A comment that was just written; nobody can like it yet. */
  async newComment(comment: Comment): Promise<WithAuthor<ShownComment>> {
    const author = this.newUser(await this.#options.lookups.user(comment.userId))
    return { comment, counters: noContentCounters, isLiked: false, author }
  }

  #urlsOf({ videoKey, coverKey }: { videoKey: string; coverKey: string }) {
    const { mediaUrl } = this.#options
    return { videoUrl: mediaUrl(videoKey), coverUrl: mediaUrl(coverKey) }
  }

  #urlOf(key: string | null | undefined): string | null {
    return key ? this.#options.mediaUrl(key) : null
  }
}

/** An entry of a list of likes. */
type Liked = Pick<LikedContent, 'contentId' | 'isLiked'>

/** Comments and the users who wrote them. */
type Comments = Pick<CommentPage, 'items' | 'authors'>

const unique = (ids: number[]) => [...new Set(ids)]

/** Joins by id; what has no author any more is left out. */
function joinAuthors<Shown extends object>(
  shown: Shown[],
  authorIdOf: (one: Shown) => number,
  authors: ShownUser[],
): WithAuthor<Shown>[] {
  const byId = new Map(authors.map((author) => [author.user.id, author]))
  return shown.flatMap((one) => {
    const author = byId.get(authorIdOf(one))
    return author ? [{ ...one, author }] : []
  })
}
