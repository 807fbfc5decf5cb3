import { keepPreviousData } from '@tanstack/react-query'
import { query } from './client.ts'

const PAGE = 20
const forward = { initialPageParam: undefined as string | undefined }
const cursorIn = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor })
const after = ({ nextCursor }: { nextCursor: string | null }) => nextCursor ?? undefined

export type Period = 'hour' | 'day' | 'week' | 'all'

/** The pages of lists that are read with a cursor, as options for `useInfiniteQuery`. */
export const pages = {
  newest: () =>
    query.feeds.newest.infiniteOptions({
      input: (cursor: string | undefined) => ({ limit: PAGE, ...cursorIn(cursor) }),
      getNextPageParam: after,
      ...forward,
      // A feed stays as it was when one comes back to it.
      staleTime: Number.POSITIVE_INFINITY,
    }),
  popular: (period: Period) =>
    query.feeds.popular.infiniteOptions({
      input: (cursor: string | undefined) => ({ period, limit: PAGE, ...cursorIn(cursor) }),
      getNextPageParam: after,
      ...forward,
      staleTime: Number.POSITIVE_INFINITY,
    }),
  comments: (id: number) =>
    query.comments.list.infiniteOptions({
      input: (cursor: string | undefined) => ({ id, limit: PAGE, ...cursorIn(cursor) }),
      getNextPageParam: after,
      ...forward,
    }),
  replies: (id: number) =>
    query.comments.listReplies.infiniteOptions({
      input: (cursor: string | undefined) => ({ id, limit: PAGE, ...cursorIn(cursor) }),
      getNextPageParam: after,
      ...forward,
    }),
  videosOf: (id: number) =>
    query.videos.listByAuthor.infiniteOptions({
      input: (cursor: string | undefined) => ({ id, limit: PAGE, ...cursorIn(cursor) }),
      getNextPageParam: after,
      ...forward,
    }),
  likesOf: (id: number) =>
    query.likes.listVideos.infiniteOptions({
      input: (cursor: string | undefined) => ({ id, limit: PAGE, ...cursorIn(cursor) }),
      getNextPageParam: after,
      ...forward,
    }),
  following: (id: number) =>
    query.relations.listFollowing.infiniteOptions({
      input: (cursor: string | undefined) => ({ id, limit: PAGE, ...cursorIn(cursor) }),
      getNextPageParam: after,
      ...forward,
    }),
  followers: (id: number) =>
    query.relations.listFollowers.infiniteOptions({
      input: (cursor: string | undefined) => ({ id, limit: PAGE, ...cursorIn(cursor) }),
      getNextPageParam: after,
      ...forward,
    }),
  search: (conditions: { keyword?: string; authorName?: string; fromMs?: number; toMs?: number }) =>
    query.videos.search.infiniteOptions({
      input: (cursor: string | undefined) => ({ ...conditions, limit: PAGE, ...cursorIn(cursor) }),
      getNextPageParam: after,
      ...forward,
      placeholderData: keepPreviousData,
    }),
}
