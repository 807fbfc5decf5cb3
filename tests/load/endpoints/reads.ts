/** The endpoints that answer a page, each with the request and what its answer has to be. */
import { isDeepStrictEqual } from 'node:util'
import { type Community, FEED_SIZE, LIST_SIZE, type Viewer } from './community.ts'
import { get, type Request, type Surface } from './surfaces.ts'

/** For whom and of what a page is. */
export interface Asked<Subject> {
  community: Community
  viewer: Viewer
  subject: Subject
}

export interface ReadEndpoint<Subject = never> {
  name: string
  surface: Surface
  isAnonymous?: boolean
  /** At most this multiple of the bare handler's CPU, at 32 connections. */
  target?: number
  /** What requests differ in, apart from who asks. */
  subjects(community: Community): Subject[]
  request(asked: Asked<Subject>): Request
  /** Of the answer, what has to be `right`, in the same form. */
  shown(body: never): unknown
  right(asked: Asked<Subject>): unknown
}

/** Keeps the type of its subject. */
const read = <Subject>(endpoint: ReadEndpoint<Subject>) => endpoint as unknown as ReadEndpoint

const page = () => [undefined]
const works = ({ community: { videos }, subject }: Asked<number>) =>
  videos.filter(({ authorId }) => authorId === subject)
const latestFollows = ({ follows }: Viewer) => follows.toReversed()
const listed = (ids: number[]) => ids.slice(0, LIST_SIZE)
const liked = (viewer: Viewer, ids: number[]) => ids.map((id) => [id, viewer.likes.has(id)])

/** Videos with the viewer's flags, and their counters. */
const feed = ({ community, viewer }: Asked<unknown>) =>
  community.videos
    .slice(0, FEED_SIZE)
    .map(({ id, authorId }) => [id, viewer.likes.has(id), viewer.follows.includes(authorId), community.likesOf(id)])
const anonymous = <Subject>(asked: Asked<Subject>): Asked<Subject> => ({
  ...asked,
  viewer: { ...asked.viewer, follows: [], likes: new Set() },
})

interface V1Feed {
  items: { id: number; isLiked: boolean; author: { isFollowing: boolean }; counters: { likes: number } }[]
}
const shownV1Feed = ({ items }: V1Feed) =>
  items.map(({ id, isLiked, author, counters }) => [id, isLiked, author.isFollowing, counters.likes])

interface DouyinVideos {
  video_list: { id: number; is_favorite: boolean; author: { is_follow: boolean }; favorite_count: number }[]
}
const shownDouyinFeed = ({ video_list: videos }: DouyinVideos) =>
  videos.map(({ id, is_favorite, author, favorite_count }) => [id, is_favorite, author.is_follow, favorite_count])

const feeds = [
  read({
    name: 'feed',
    surface: '/v1',
    target: 30,
    subjects: page,
    request: () => get(`/v1/feeds/newest?limit=${FEED_SIZE}`),
    shown: shownV1Feed,
    right: feed,
  }),
  read({
    name: 'feed, anonymous',
    surface: '/v1',
    isAnonymous: true,
    subjects: page,
    request: () => get(`/v1/feeds/newest?limit=${FEED_SIZE}`),
    shown: shownV1Feed,
    right: (asked) => feed(anonymous(asked)),
  }),
  read({
    name: 'following feed',
    surface: '/v1',
    subjects: page,
    request: () => get(`/v1/feeds/following?limit=${FEED_SIZE}`),
    shown: ({ items }: V1Feed) => items.map(({ author }) => author.isFollowing),
    right: () => Array.from({ length: FEED_SIZE }, () => true),
  }),
  read({
    name: 'feed',
    surface: 'Douyin',
    target: 35,
    subjects: page,
    request: () => get('/douyin/feed/'),
    shown: shownDouyinFeed,
    right: feed,
  }),
  read({
    name: 'feed, anonymous',
    surface: 'Douyin',
    isAnonymous: true,
    target: 12,
    subjects: page,
    request: () => get('/douyin/feed/'),
    shown: shownDouyinFeed,
    right: (asked) => feed(anonymous(asked)),
  }),
]

const discussed = ({ discussions }: Community) => discussions

const comments = [
  read({
    name: 'comments of a video',
    surface: '/v1',
    target: 35,
    subjects: discussed,
    request: ({ subject }) => get(`/v1/videos/${subject.id}/comments?limit=${LIST_SIZE}`),
    shown: ({
      items,
    }: {
      items: {
        id: number
        text: string
        author: { id: number; isFollowing: boolean }
        isLiked: boolean
        counters: { likes: number }
      }[]
    }) =>
      items.map(({ id, text, author, isLiked, counters }) => [
        id,
        text,
        author.id,
        author.isFollowing,
        isLiked,
        counters.likes,
      ]),
    right: ({ community, subject, viewer }) =>
      subject.comments.map(({ id, text, authorId }) => [
        id,
        text,
        authorId,
        viewer.follows.includes(authorId),
        viewer.likes.has(id),
        community.likesOf(id),
      ]),
  }),
  read({
    name: 'comments of a video',
    surface: 'FanOne',
    target: 35,
    subjects: discussed,
    request: ({ subject }) => get(`/comment/list?video_id=${subject.id}&page_num=0&page_size=${LIST_SIZE}`),
    shown: ({ data }: { data: { items: { id: string; user_id: string; content: string; like_count: number }[] } }) =>
      data.items.map(({ id, user_id, content, like_count }) => [Number(id), content, Number(user_id), like_count]),
    right: ({ community, subject }) =>
      subject.comments.map(({ id, text, authorId }) => [id, text, authorId, community.likesOf(id)]),
  }),
  read({
    name: 'comments of a video',
    surface: 'Douyin',
    target: 35,
    subjects: discussed,
    request: ({ subject }) => get(`/douyin/comment/list/?video_id=${subject.id}`),
    shown: (body: { comment_list: { id: number; content: string; user: { id: number; is_follow: boolean } }[] }) =>
      body.comment_list.map(({ id, content, user }) => [id, content, user.id, user.is_follow]),
    right: ({ subject, viewer }) =>
      subject.comments.map(({ id, text, authorId }) => [id, text, authorId, viewer.follows.includes(authorId)]),
  }),
]

const follows = [
  read({
    name: 'following list',
    surface: '/v1',
    target: 35,
    subjects: ({ viewers }: Community) => viewers,
    request: ({ subject }) => get(`/v1/users/${subject.id}/following?limit=${LIST_SIZE}`),
    shown: ({ items }: { items: { id: number; isFollowing: boolean }[] }) =>
      items.map(({ id, isFollowing }) => [id, isFollowing]),
    right: ({ subject, viewer }) => listed(latestFollows(subject)).map((id) => [id, viewer.follows.includes(id)]),
  }),
  read({
    name: 'following list',
    surface: 'FanOne',
    target: 35,
    subjects: ({ viewers }: Community) => viewers,
    request: ({ subject }) => get(`/following/list?user_id=${subject.id}&page_num=0&page_size=${LIST_SIZE}`),
    shown: ({ data }: { data: { items: { id: string }[]; total: number } }) => [
      data.total,
      ...data.items.map(({ id }) => Number(id)),
    ],
    right: ({ subject }) => [subject.follows.length, ...listed(latestFollows(subject))],
  }),
  read({
    name: 'following list',
    surface: 'Douyin',
    target: 35,
    subjects: ({ viewers }: Community) => viewers,
    request: ({ subject }) => get(`/douyin/relation/follow/list/?user_id=${subject.id}`),
    shown: (body: { user_list: { id: number; is_follow: boolean }[] }) =>
      body.user_list.map(({ id, is_follow }) => [id, is_follow]),
    right: ({ subject, viewer }) => latestFollows(subject).map((id) => [id, viewer.follows.includes(id)]),
  }),
]

const videos = [
  read({
    name: 'works list',
    surface: '/v1',
    target: 35,
    subjects: ({ authors }: Community) => authors,
    request: ({ subject }) => get(`/v1/users/${subject}/videos?limit=${LIST_SIZE}`),
    shown: ({ items }: V1Feed) => items.map(({ id, isLiked }) => [id, isLiked]),
    right: (asked) => liked(asked.viewer, listed(works(asked).map(({ id }) => id))),
  }),
  read({
    name: 'works list',
    surface: 'FanOne',
    target: 35,
    subjects: ({ authors }: Community) => authors,
    request: ({ subject }) => get(`/video/list?user_id=${subject}&page_num=0&page_size=${LIST_SIZE}`),
    shown: ({ data }: { data: { items: { id: string; like_count: number }[] } }) =>
      data.items.map(({ id, like_count }) => [Number(id), like_count]),
    right: (asked) => listed(works(asked).map(({ id }) => id)).map((id) => [id, asked.community.likesOf(id)]),
  }),
  read({
    name: 'video page',
    surface: '/v1',
    target: 35,
    subjects: (community: Community) => community.videos,
    request: ({ subject: { id } }) => get(`/v1/videos/${id}`),
    shown: ({ id, isLiked, counters }: V1Feed['items'][0]) => [id, isLiked, counters.likes],
    right: ({ community, viewer, subject: { id } }) => [id, viewer.likes.has(id), community.likesOf(id)],
  }),
]

export const reads: ReadEndpoint[] = [...feeds, ...comments, ...follows, ...videos]

/** @throws Error that shows both where an answer is not right */
export function assertRight<Subject>(endpoint: ReadEndpoint<Subject>, asked: Asked<Subject>, text: string): void {
  const [shown, right] = [endpoint.shown(JSON.parse(text) as never), endpoint.right(asked)]
  if (isDeepStrictEqual(shown, right)) return
  throw new Error(`${endpoint.surface} ${endpoint.name}: ${JSON.stringify(shown)} is not ${JSON.stringify(right)}`)
}
