import type { DatabaseDefinition } from '@fanone/service-kit'
import { AuthorEntity, AuthorGramEntity } from './author/author.entity.ts'
import { MediaJobEntity } from './jobs/media-job.entity.ts'
import { migrations } from './migrations/index.ts'
import { VideoGramEntity, VideoSearchEntity } from './search/search.entity.ts'
import { UploadChunkEntity, UploadEntity, UploaderEntity } from './upload/upload.entity.ts'
import { VideoEntity } from './video/video.entity.ts'

/** What the service keeps in MySQL. */
export const database = {
  entities: [
    AuthorEntity,
    AuthorGramEntity,
    MediaJobEntity,
    UploadChunkEntity,
    UploadEntity,
    UploaderEntity,
    VideoGramEntity,
    VideoSearchEntity,
    VideoEntity,
  ],
  migrations,
} satisfies DatabaseDefinition
