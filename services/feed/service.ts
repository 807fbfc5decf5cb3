import {
  countersChanged,
  feedContract,
  rankingUpdated,
  userFollowed,
  userUnfollowed,
  userUpdated,
  videoDeleted,
  videoPublished,
  videoUpdated,
} from '@fanone/contracts'
import { defineService } from '@fanone/service-kit'

export default defineService({
  appId: 'feed',
  summary: 'Timelines as read models in Redis: newest, popular, following',
  port: 7130,
  contract: feedContract,
  subscribes: [
    videoPublished,
    videoUpdated,
    videoDeleted,
    userUpdated,
    countersChanged,
    rankingUpdated,
    userFollowed,
    userUnfollowed,
  ],
  calls: {
    user: { 'profiles.getMany': 'the author of a card it has not seen yet' },
    video: { 'videos.walk': 'the rebuild of the timelines' },
    relation: { 'follows.walk': 'the rebuild of the following timelines' },
    stats: {
      'counters.walk': 'the rebuild of counters and rankings',
      'rankings.get': 'the rebuild of counters and rankings',
    },
  },
  commandLine: { 'timelines.rebuild': 'npm run feed:rebuild' },
  redis: true,
  workers: ['rebuild'],
})
