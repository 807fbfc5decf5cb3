import {
  contentRemoved,
  countersChanged,
  interactionContract,
  userUpdated,
  videoDeleted,
  videoPublished,
} from '@fanone/contracts'
import { defineService } from '@fanone/service-kit'
import { InteractionConfig } from './src/config.ts'
import { database } from './src/database.ts'

export default defineService({
  appId: 'interaction',
  summary: 'Likes, comments and visits of any content',
  port: 7140,
  contract: interactionContract,
  config: InteractionConfig,
  subscribes: [videoPublished, videoDeleted, contentRemoved, userUpdated, countersChanged],
  calls: {
    user: { 'profiles.getMany': 'the author of a comment whom it has not seen yet' },
    video: { 'videos.getMany': 'whether a video exists that no event has announced yet' },
  },
  database,
  workers: ['sensitive words', 'cascade deletion', 'visit purge'],
})
