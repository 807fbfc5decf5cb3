import { type Video, videoUpdated } from '@fanone/contracts'
import { isPictureOf, onceDone, type PictureOrder, type Pictures } from '@fanone/pictures'
import { type Identity, ServiceError } from '@fanone/service-kit'
import type { VideoCache } from '../video/video.cache.ts'
import { toVideo, toVideoFacts } from '../video/video.mapping.ts'
import { requireOwn } from '../video/video.owner.ts'
import type { VideoRepository } from '../video/video.repository.ts'
import { chosenCoversFolder, drawnCoverKey } from './cover.keys.ts'

/**
 * Covers that authors choose. Files are in place before the video names them, and go after it names
 * others or with the video; the janitor removes what a crash in between leaves.
 */
export class CoverService {
  readonly #videos: VideoRepository
  readonly #cache: VideoCache
  readonly #pictures: Pictures

  constructor(options: { videos: VideoRepository; cache: VideoCache; pictures: Pictures }) {
    this.#videos = options.videos
    this.#cache = options.cache
    this.#pictures = options.pictures
  }

  /**
   * Makes an upload the cover of the caller's video. A repeat finds it done.
   *
   * @throws ServiceError `video_not_found`, `forbidden`, `upload_not_found`, `not_a_picture`,
   *   `storage_full`, `unavailable`
   */
  async set(identity: Identity, { id, uploadId }: { id: number; uploadId: string }): Promise<Video> {
    const find = async () => {
      const [video] = await this.#videos.findWithDeleted([id])
      if (!video || video.deletedAt) throw new ServiceError('video_not_found')
      requireOwn(video, identity)
      return video
    }
    const findDone = async () => {
      const video = await find()
      return isPictureOf(video.coverKey, uploadId) ? toVideo(video) : undefined
    }
    return await onceDone(findDone, async () => {
      const order = { uploadId, kind: 'cover', folder: chosenCoversFolder((await find()).uploadId) } as const
      const key = await this.#pictures.make(order)
      const changed = await this.#change(identity, { id, keyFor: () => key, order })
      await this.#pictures.removeUpload(uploadId)
      return changed
    })
  }

  /** Shows the drawn cover again. @throws ServiceError `video_not_found`, `forbidden` */
  remove(identity: Identity, { id }: { id: number }): Promise<Video> {
    return this.#change(identity, { id, keyFor: drawnCoverKey })
  }

  async #change(
    identity: Identity,
    { id, keyFor, order }: { id: number; keyFor: (uploadId: string) => string; order?: PictureOrder },
  ): Promise<Video> {
    const { video, replaced } = await this.#videos.transaction(async (transaction) => {
      const video = await transaction.lock(id)
      if (!video) throw new ServiceError('video_not_found')
      requireOwn(video, identity)
      const { coverKey } = video
      const key = keyFor(video.uploadId)
      if (coverKey === key) return { video, replaced: null }
      // A late repeat has lost its upload; the janitor may have taken its files as abandoned.
      if (order && !(await this.#pictures.isWhole(order))) throw new ServiceError('upload_not_found')
      Object.assign(video, { coverKey: key, version: video.version + 1, updatedAt: new Date() })
      transaction.emit(videoUpdated, toVideoFacts(video))
      return { video, replaced: coverKey === drawnCoverKey(video.uploadId) ? null : coverKey }
    })
    await this.#cache.show(video)
    await this.#pictures.remove(replaced)
    return toVideo(video)
  }
}
