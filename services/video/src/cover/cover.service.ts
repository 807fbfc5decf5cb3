import { type Video, videoUpdated } from '@fanone/contracts'
import type { PicturePlace, Pictures } from '@fanone/pictures'
import { type Identity, ServiceError } from '@fanone/service-kit'
import type { VideoCache } from '../video/video.cache.ts'
import { toVideo, toVideoFacts } from '../video/video.mapping.ts'
import { requireOwn } from '../video/video.owner.ts'
import type { VideoRepository } from '../video/video.repository.ts'
import { chosenCoversFolder, drawnCoverKey } from './cover.keys.ts'

/** Covers that authors choose; the janitor removes what a crash leaves of them. */
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
  set(identity: Identity, { id, uploadId }: { id: number; uploadId: string }): Promise<Video> {
    return this.#pictures.set(this.#placeOf(identity, id), { kind: 'cover', uploadId })
  }

  /** Shows the drawn cover again. @throws ServiceError `video_not_found`, `forbidden` */
  remove(identity: Identity, { id }: { id: number }): Promise<Video> {
    return this.#pictures.unset(this.#placeOf(identity, id))
  }

  #placeOf(identity: Identity, id: number): PicturePlace<Video> {
    return {
      find: async () => {
        const video = await this.#videos.findPublic(id)
        if (!video) throw new ServiceError('video_not_found')
        requireOwn(video, identity)
        return { owner: toVideo(video), key: video.coverKey, folder: chosenCoversFolder(video.uploadId) }
      },
      change: (key, check) => this.#change(identity, { id, key, check }),
    }
  }

  async #change(
    identity: Identity,
    { id, key, check }: { id: number; key: string | null; check: () => Promise<void> },
  ): Promise<{ owner: Video; replaced: string | null }> {
    const { video, replaced } = await this.#videos.transaction(async (transaction) => {
      const video = await transaction.lock(id)
      if (!video) throw new ServiceError('video_not_found')
      requireOwn(video, identity)
      const { coverKey: before } = video
      const drawn = drawnCoverKey(video.uploadId)
      const coverKey = key ?? drawn
      if (before === coverKey) return { video, replaced: null }
      await check()
      Object.assign(video, { coverKey, version: video.version + 1, updatedAt: new Date() })
      transaction.emit(videoUpdated, toVideoFacts(video))
      return { video, replaced: before === drawn ? null : before }
    })
    await this.#cache.show(video)
    return { owner: toVideo(video), replaced }
  }
}
