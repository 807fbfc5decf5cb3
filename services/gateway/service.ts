import { defineService } from '@fanone/service-kit'
import { GatewayConfig } from './src/config.ts'

export default defineService({
  appId: 'gateway',
  summary: 'The public edge: REST and compatibility APIs, uploads, authentication, limits',
  port: 7100,
  config: GatewayConfig,
  calls: {
    user: {
      'accounts.register': 'registering',
      'sessions.logIn': 'logging in',
      'sessions.refresh': 'new tokens for a refresh token',
      'sessions.logOut': 'logging out',
      'profiles.getMany': 'profiles, and the people on pages',
      'profiles.edit': "editing one's profile",
      'keys.list': 'the keys that access tokens are verified with',
    },
    video: {
      'videos.publish': 'publishing an upload',
      'videos.getMany': 'a video, and the videos of lists of ids',
      'videos.listByAuthor': "an author's videos",
      'videos.pageByAuthor': "an author's videos, for APIs that page by number",
      'videos.search': 'search',
      'videos.searchPage': 'search, for APIs that page by number',
      'videos.edit': 'editing a video',
      'videos.delete': 'deleting a video',
    },
    feed: {
      'timelines.newest': 'the newest feed',
      'timelines.between': 'the newest feed since a time',
      'timelines.popular': 'popular videos',
      'timelines.following': 'the feed of those one follows',
    },
    interaction: {
      'likes.like': 'liking',
      'likes.unlike': 'unliking',
      'likes.flags': 'what the viewer likes of a page',
      'likes.listByUser': 'what a user likes',
      'comments.create': 'commenting',
      'comments.delete': 'deleting a comment',
      'comments.list': 'comments',
      'comments.replies': 'replies to a comment',
      'visits.record': 'visits',
    },
    relation: {
      'follows.follow': 'following',
      'follows.unfollow': 'unfollowing',
      'follows.list': 'following, followers and friends',
      'follows.page': 'the same, for APIs that page by number',
      'follows.followed': 'whom the viewer follows of a page',
      'follows.flags': 'how the caller and others stand to each other',
    },
    stats: {
      'counters.ofContent': 'counters that no card carries',
      'counters.ofUsers': 'the counters of users',
    },
  },
  redis: true,
  mediaFiles: true,
  secrets: ['visitor-key'],
  workers: ['public server'],
  env: { HTTP_PORT: '8080' },
})
