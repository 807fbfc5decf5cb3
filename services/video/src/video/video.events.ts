import type { videoDeleted, videoPublished, videoUpdated } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { VideoCache } from './video.cache.ts'

/**
 * What this service does when it hears of its own videos: makes up for a crash between a commit and
 * the cache. Without an inbox, because versions make a repeat harmless.
 */
export function videoEvents(cache: Pick<VideoCache, 'refresh'>) {
  const refreshVideo: EventHandler<typeof videoPublished | typeof videoUpdated | typeof videoDeleted> = async ({
    data,
  }) => {
    await cache.refresh(data.videoId, data.version)
    return 'handled'
  }
  return { 'video.published': refreshVideo, 'video.updated': refreshVideo, 'video.deleted': refreshVideo }
}
