import { keepPreviousData } from '@tanstack/react-query'
import { query } from './client.ts'

const PAGE = 20
type Position = string | undefined
const forward = {
  initialPageParam: undefined as Position,
  getNextPageParam: ({ nextCursor }: { nextCursor: string | null }): Position => nextCursor ?? undefined,
}
/** The input of each page of a list. */
const pageOf =
  <Query extends object>(list: Query) =>
  (cursor: Position) => ({ ...list, limit: PAGE, ...(cursor !== undefined && { cursor }) })

export type Period = 'hour' | 'day' | 'week' | 'all'

/** The pages of lists that are read with a cursor, as options for `useInfiniteQuery`. */
export const pages = {
  newest: () =>
    query.feeds.newest.infiniteOptions({
      input: pageOf({}),
      ...forward,
      // A feed stays as it was when one comes back to it.
      staleTime: Number.POSITIVE_INFINITY,
    }),
  popular: (period: Period) =>
    query.feeds.popular.infiniteOptions({
      input: pageOf({ period }),
      ...forward,
      staleTime: Number.POSITIVE_INFINITY,
    }),
  followingFeed: () => query.feeds.following.infiniteOptions({ input: pageOf({}), ...forward }),
  comments: (id: number) => query.comments.list.infiniteOptions({ input: pageOf({ id }), ...forward }),
  replies: (id: number) => query.comments.listReplies.infiniteOptions({ input: pageOf({ id }), ...forward }),
  videosOf: (id: number) => query.videos.listByAuthor.infiniteOptions({ input: pageOf({ id }), ...forward }),
  likesOf: (id: number) => query.likes.listVideos.infiniteOptions({ input: pageOf({ id }), ...forward }),
  following: (id: number) => query.relations.listFollowing.infiniteOptions({ input: pageOf({ id }), ...forward }),
  followers: (id: number) => query.relations.listFollowers.infiniteOptions({ input: pageOf({ id }), ...forward }),
  securityEvents: () => query.users.securityEvents.infiniteOptions({ input: pageOf({}), ...forward }),
  search: (conditions: { keyword?: string; authorName?: string; fromMs?: number; toMs?: number }) =>
    query.videos.search.infiniteOptions({
      input: pageOf(conditions),
      ...forward,
      placeholderData: keepPreviousData,
    }),
}
