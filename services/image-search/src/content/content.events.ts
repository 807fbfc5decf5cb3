import type { userUpdated, videoDeleted, videoPublished, videoReady, videoUpdated } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import type { ContentService } from './content.service.ts'

/** Without an inbox: events say what is, and their versions which of them is newer. */
export function contentEvents(contents: Pick<ContentService, 'tell'>) {
  const tell = async (...told: Parameters<ContentService['tell']>) =>
    (await contents.tell(...told)) ? 'handled' : 'duplicate'

  const noteUser: EventHandler<typeof userUpdated> = async ({ data }) => {
    const { userId: id, version, avatarKey, isHidden = false } = data
    return tell({ kind: 'user', id }, { ownerId: id, version, isHidden, pictureKey: avatarKey ?? '' })
  }

  const noteVideo: EventHandler<typeof videoPublished | typeof videoUpdated> = async ({ data }) => {
    const { authorId: ownerId, version, coverKey: pictureKey, durationMs } = data
    return tell({ kind: 'video', id: data.videoId }, { ownerId, version, pictureKey, durationMs })
  }

  /** Its version is that of a `video.updated`, which tells of other things. */
  const noteReady: EventHandler<typeof videoReady> = async ({ data: { videoId, authorId, videoKey } }) =>
    tell({ kind: 'video', id: videoId }, { ownerId: authorId, framesKey: videoKey })

  const noteDeleted: EventHandler<typeof videoDeleted> = async ({ data: { videoId, authorId } }) =>
    tell({ kind: 'video', id: videoId }, { ownerId: authorId, isDeleted: true })

  return {
    'user.updated': noteUser,
    'video.published': noteVideo,
    'video.updated': noteVideo,
    'video.ready': noteReady,
    'video.deleted': noteDeleted,
  }
}
