import type { contentRemoved } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { VideoService } from '../video/video.service.ts'

/** Deletes videos that operators have removed. Needs no inbox: a video is deleted once. */
export function removalEvents(videos: Pick<VideoService, 'remove'>) {
  const removeVideo: EventHandler<typeof contentRemoved> = async ({ data: { kind, contentId } }) => {
    if (kind === 'video') await videos.remove(contentId)
    return 'handled'
  }
  return { 'content.removed': removeVideo }
}
