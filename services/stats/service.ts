import {
  commentCreated,
  commentDeleted,
  contentLiked,
  contentUnliked,
  contentVisited,
  statsContract,
  userFollowed,
  userUnfollowed,
  videoDeleted,
  videoPublished,
} from '@fanone/contracts'
import { defineService, inBatches } from '@fanone/service-kit'
import { database } from './src/database.ts'

export default defineService({
  appId: 'stats',
  summary: 'Counters and rankings, fed by events alone',
  port: 7160,
  contract: statsContract,
  subscribes: [
    inBatches(videoPublished, 100),
    inBatches(videoDeleted, 100),
    inBatches(contentLiked, 500),
    inBatches(contentUnliked, 500),
    inBatches(contentVisited, 500),
    inBatches(commentCreated, 500),
    inBatches(commentDeleted, 500),
    inBatches(userFollowed, 500),
    inBatches(userUnfollowed, 500),
  ],
  calls: {
    video: { 'videos.walk': 'the rebuild of the counters' },
    interaction: {
      'likes.walk': 'the rebuild of the counters',
      'comments.walk': 'the rebuild of the counters',
      'visits.walk': 'the rebuild of the counters',
    },
    relation: { 'follows.walk': 'the rebuild of the counters' },
  },
  commandLine: { 'rebuilds.start': 'npm run stats:rebuild', 'rebuilds.get': 'npm run stats:rebuild' },
  database,
  redis: true,
  workers: ['emission', 'rankings'],
})
