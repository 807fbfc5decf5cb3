import {
  imageSearchContract,
  userUpdated,
  videoDeleted,
  videoPublished,
  videoReady,
  videoUpdated,
} from '@fanone/contracts'
import { defineService } from '@fanone/service-kit'
import { storageSecrets } from '@fanone/storage'
import { ImageSearchConfig } from './src/config.ts'
import { database } from './src/database.ts'

export default defineService({
  appId: 'image-search',
  summary: 'Finds avatars, covers and frames of videos by a picture',
  port: 7170,
  contract: imageSearchContract,
  config: ImageSearchConfig,
  subscribes: [userUpdated, videoPublished, videoUpdated, videoReady, videoDeleted],
  commandLine: { 'indexes.rebuild': 'npm run image-search:rebuild', 'indexes.state': 'npm run image-search:rebuild' },
  database,
  mediaFiles: true,
  programs: ['ffmpeg'],
  secrets: [...storageSecrets, 'milvus-password'],
  workers: ['indexer'],
  env: { MILVUS_ADDRESS: '127.0.0.1:7011' },
})
