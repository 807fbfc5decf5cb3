import { join } from 'node:path'
import type { Database, Kit, ServiceParts } from '@fanone/service-kit'
import { createLocalStorage, mediaStoreFolder } from '@fanone/storage'
import type { VideoConfig } from './config.ts'
import { Janitor } from './janitor/janitor.ts'
import { MediaRemover } from './janitor/media-remover.ts'
import { openConfinement } from './media/confined.ts'
import { Limiter } from './media/limiter.ts'
import { PublicationService } from './publication/publication.service.ts'
import { videoOperations } from './video/video.operations.ts'
import { VideoRepository } from './video/video.repository.ts'
import { VideoService } from './video/video.service.ts'

/** @throws Error when ffmpeg is missing */
export async function createApp(kit: Kit<VideoConfig> & { database: Database }): Promise<ServiceParts> {
  const { config, database, log } = kit
  const confinement = await openConfinement({ folder: join(config.FANONE_HOME, 'run/media-work') })
  if (!confinement.isOffline) log.warn('ffmpeg cannot be cut off from the network here; its protocols are restricted')
  const storage = createLocalStorage({ rootDir: mediaStoreFolder(config.FANONE_HOME) })
  const videos = new VideoRepository(database)
  const remover = new MediaRemover({ storage, videos })
  const limiter = new Limiter(config.MEDIA_JOBS)
  const publications = new PublicationService({ videos, storage, remover, limiter, confinement })
  const janitor = new Janitor({
    storage,
    videos,
    remover,
    log,
    graceMs: config.MEDIA_GRACE_SECONDS * 1000,
    intervalMs: config.MEDIA_SWEEP_SECONDS * 1000,
  })
  return {
    operations: videoOperations({ videos: new VideoService({ videos, remover, log }), publications }),
    workers: [janitor],
  }
}
