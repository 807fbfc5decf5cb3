import type {
  ContentCounters,
  ContentKind,
  commentCreated,
  contentLiked,
  contentVisited,
  EventData,
  UserCounters,
  userFollowed,
  videoPublished,
} from '@fanone/contracts'

export const HOUR_MS = 60 * 60 * 1_000

export interface ContentChange extends ContentCounters {
  kind: ContentKind
  id: number
  isDeleted: boolean
}
export type UserChange = UserCounters & { id: number }
export interface VisitsInHour {
  /** Hours since 1970. */
  hour: number
  videoId: number
  visits: number
}

/** One more or one less. */
type Sign = 1 | -1

/**
 * Sums up how a batch of events changes counters; the only place that knows what each event counts.
 * Sums have no order, so neither do the events.
 */
export class CounterChanges {
  readonly #contents = new Map<string, ContentChange>()
  readonly #users = new Map<number, UserChange>()
  readonly #visits = new Map<string, VisitsInHour>()

  /** A work of its author appears or goes. */
  addVideo(video: Pick<EventData<typeof videoPublished>, 'videoId' | 'authorId'>, sign: Sign): void {
    this.#user(video.authorId).works += sign
    if (sign < 0) this.#content('video', video.videoId).isDeleted = true
  }

  /**
   * Likes of comments count for the comment only; likes of users and their authors are about works.
   */
  addLike(like: EventData<typeof contentLiked>, sign: Sign): void {
    this.#content(like.kind, like.contentId).likes += sign
    if (like.kind === 'comment') return
    this.#user(like.authorId).likesReceived += sign
    this.#user(like.userId).likesGiven += sign
  }

  /** A reply counts for the comment it replies to, any other comment for the content. */
  addComment(comment: EventData<typeof commentCreated>, sign: Sign): void {
    const { parentId, kind, contentId } = comment
    const target = parentId === null ? this.#content(kind, contentId) : this.#content('comment', parentId)
    target.comments += sign
  }

  addVisit(visit: EventData<typeof contentVisited>): void {
    this.addVisits(visit, 1)
  }

  /** Several visits in one hour. */
  addVisits(visit: EventData<typeof contentVisited>, count: number): void {
    this.#content(visit.kind, visit.contentId).visits += count
    if (visit.kind !== 'video') return
    const hour = Math.floor(Date.parse(visit.at) / HOUR_MS)
    const key = `${hour}:${visit.contentId}`
    const known = this.#visits.get(key) ?? { hour, videoId: visit.contentId, visits: 0 }
    known.visits += count
    this.#visits.set(key, known)
  }

  addFollow(follow: EventData<typeof userFollowed>, sign: Sign): void {
    this.#user(follow.followerId).following += sign
    this.#user(follow.followeeId).followers += sign
  }

  /**
   * Sorted by key, the order in which every instance locks rows; without changes that add up to
   * zero.
   */
  contents(): ContentChange[] {
    const changed = [...this.#contents.values()].filter(
      ({ likes, comments, visits, isDeleted }) => likes !== 0 || comments !== 0 || visits !== 0 || isDeleted,
    )
    return changed.toSorted((a, b) => (a.kind === b.kind ? a.id - b.id : a.kind < b.kind ? -1 : 1))
  }

  /** In the order of their keys; what comes to nothing is left out. */
  users(): UserChange[] {
    const changed = [...this.#users.values()].filter(({ id: _, ...counts }) => Object.values(counts).some(Boolean))
    return changed.toSorted((a, b) => a.id - b.id)
  }

  /** In the order of their keys. */
  visits(): VisitsInHour[] {
    return [...this.#visits.values()].toSorted((a, b) => a.hour - b.hour || a.videoId - b.videoId)
  }

  #content(kind: ContentKind, id: number): ContentChange {
    const key = `${kind}:${id}`
    const known = this.#contents.get(key) ?? { kind, id, likes: 0, comments: 0, visits: 0, isDeleted: false }
    this.#contents.set(key, known)
    return known
  }

  #user(id: number): UserChange {
    const none = { works: 0, likesReceived: 0, likesGiven: 0, following: 0, followers: 0 }
    const known = this.#users.get(id) ?? { id, ...none }
    this.#users.set(id, known)
    return known
  }
}
