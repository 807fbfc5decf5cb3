import {
  contentRemoved,
  userUpdated,
  videoContract,
  videoDeleted,
  videoPublished,
  videoUpdated,
} from '@fanone/contracts'
import { defineService } from '@fanone/service-kit'
import { storageSecrets } from '@fanone/storage'
import { VideoConfig } from './src/config.ts'
import { database } from './src/database.ts'

export default defineService({
  appId: 'video',
  summary: 'Uploads turned into videos, the catalogue and its search',
  port: 7120,
  contract: videoContract,
  config: VideoConfig,
  subscribes: [userUpdated, contentRemoved, videoPublished, videoUpdated, videoDeleted],
  calls: { user: { 'profiles.getMany': 'the names of authors, by which videos are found' } },
  database,
  redis: true,
  mediaFiles: true,
  programs: ['ffmpeg'],
  secrets: storageSecrets,
  workers: ['sensitive words', 'hidden authors', 'janitor', 'search indexer', 'media jobs'],
})
