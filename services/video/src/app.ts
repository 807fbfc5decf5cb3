import { join } from 'node:path'
import { openPictures } from '@fanone/pictures'
import { BoundedQueue, connectCacheRedis, type Kit, SensitiveWords, type ServiceParts } from '@fanone/service-kit'
import { openStorage } from '@fanone/storage'
import type service from '../service.ts'
import { authorEvents } from './author/author.events.ts'
import { AuthorRepository } from './author/author.repository.ts'
import { AuthorService } from './author/author.service.ts'
import { HiddenAuthors } from './author/hidden-authors.ts'
import { CoverService } from './cover/cover.service.ts'
import { Janitor } from './janitor/janitor.ts'
import { MediaRemover } from './janitor/media-remover.ts'
import { JobQueue } from './jobs/job-queue.ts'
import { MediaWorker } from './jobs/media-worker.ts'
import { ResultRecorder } from './jobs/result-recorder.ts'
import { createMediaSandbox } from './media/media-sandbox.ts'
import { PublicationService } from './publication/publication.service.ts'
import { removalEvents } from './removal/removal.events.ts'
import { renditionHandlers } from './renditions/handlers.ts'
import { clearScratch } from './renditions/scratch-file.ts'
import { SearchRepository } from './search/search.repository.ts'
import { SearchService } from './search/search.service.ts'
import { SearchIndexer } from './search/search-indexer.ts'
import { uploadOperations } from './upload/upload.operations.ts'
import { UploadRepository } from './upload/upload.repository.ts'
import { UploadService } from './upload/upload.service.ts'
import { UploadChunks } from './upload/upload-chunks.ts'
import { UploadJoins } from './upload/upload-joins.ts'
import { UploadQuotas } from './upload/upload-quotas.ts'
import { VideoCache } from './video/video.cache.ts'
import { videoEvents } from './video/video.events.ts'
import { videoOperations } from './video/video.operations.ts'
import { VideoRepository } from './video/video.repository.ts'
import { VideoService } from './video/video.service.ts'

/** @throws Error when ffmpeg is missing */
export async function createApp(kit: Kit<typeof service>): Promise<ServiceParts<typeof service>> {
  const { config, database, log } = kit
  const sandbox = await createMediaSandbox({ folder: join(config.FANONE_HOME, 'run/media-work') })
  if (!sandbox.isOffline) log.warn('ffmpeg cannot be cut off from the network here; its protocols are restricted')
  const storage = await openStorage({ config, secret: kit.secret })
  const words = await SensitiveWords.open(config, log)
  const user = kit.client('user')
  const search = new SearchRepository(database)
  const authorRepository = new AuthorRepository(database)
  const authors = new AuthorService({
    authors: authorRepository,
    getProfiles: (input) => user.profiles.getMany(input),
    log,
  })
  const uploadRows = new UploadRepository({ database })
  const jobs = new JobQueue({ database })
  const videos = new VideoRepository({ database, search, authors: authorRepository, uploads: uploadRows, jobs })
  const cache = new VideoCache({ redis: kit.redis(connectCacheRedis), videos, log })
  const hidden = new HiddenAuthors({ database })
  const remover = new MediaRemover({ storage, videos, uploads: uploadRows })
  const quotas = new UploadQuotas({
    unfinishedCount: config.UPLOADS_UNFINISHED,
    unfinishedBytes: config.UPLOAD_BYTES_UNFINISHED,
    dayBytes: config.UPLOAD_BYTES_A_DAY,
  })
  const uploads = new UploadService({
    uploads: uploadRows,
    storage,
    remover,
    quotas,
    expiryMs: config.UPLOAD_EXPIRY_SECONDS * 1000,
  })
  const limiter = new BoundedQueue(config.MEDIA_JOBS)
  const publications = new PublicationService({
    ...{ videos, cache, authors, words, uploads, storage, remover, limiter, sandbox, jobs },
    renditions: config.RENDITIONS,
  })
  const scratchFolder = join(config.FANONE_HOME, 'run/media-scratch')
  await clearScratch(scratchFolder)
  const mediaWorker = new MediaWorker({
    ...{ queue: jobs, videos, storage, log },
    results: new ResultRecorder({ videos, cache, queue: jobs }),
    handlers: renditionHandlers({ storage, sandbox, scratchFolder }),
  })
  const janitor = new Janitor({
    storage,
    videos,
    uploads: uploadRows,
    remover,
    jobs,
    log,
    graceMs: config.MEDIA_GRACE_SECONDS * 1000,
    intervalMs: config.MEDIA_SWEEP_SECONDS * 1000,
  })
  const catalogue = new VideoService({ videos, cache, hidden, words, remover, jobs, log })
  return {
    operations: {
      uploads: uploadOperations({
        uploads,
        joins: new UploadJoins({ uploads, rows: uploadRows, storage, remover }),
        chunks: new UploadChunks({ uploads, rows: uploadRows, storage, quotas }),
      }),
      videos: videoOperations({
        videos: catalogue,
        publications,
        search: new SearchService({ search, cache }),
        covers: new CoverService({ videos, cache, pictures: await openPictures({ config, storage, log }) }),
      }),
    },
    handlers: { ...authorEvents(authorRepository), ...videoEvents(cache), ...removalEvents(catalogue) },
    workers: {
      'sensitive words': words,
      'hidden authors': hidden.worker(log),
      janitor,
      'search indexer': new SearchIndexer({ search, authors, log }),
      'media jobs': mediaWorker,
    },
  }
}
