import { isPictureOf } from '@fanone/pictures'
import { mediaFolder, publicKey, type Storage, uploadKey } from '@fanone/storage'
import { chosenCoversFolder } from '../cover/cover.keys.ts'
import type { VideoRepository } from '../video/video.repository.ts'

/** The only one that removes media, and never those of a public video. */
export class MediaRemover {
  readonly #storage: Storage
  readonly #videos: VideoRepository

  constructor(options: { storage: Storage; videos: VideoRepository }) {
    this.#storage = options.storage
    this.#videos = options.videos
  }

  /**
   * Removes an upload and its media, unless it is a public video or becomes one at this moment.
   *
   * @returns whether it was removed
   */
  removeUnlessPublic(uploadId: string): Promise<boolean> {
    return this.#videos.whileUnpublished(uploadId, async () => {
      await this.#storage.delete(uploadKey(uploadId))
      await this.#storage.deleteUnder(mediaFolder(uploadId))
    })
  }

  /**
   * Removes a chosen cover, unless its video shows it or begins to at this moment.
   *
   * @returns whether it was removed
   */
  removeCoverUnlessShown(uploadId: string, pictureId: string): Promise<boolean> {
    return this.#videos.whileLocked(uploadId, async (video) => {
      if (isPictureOf(video?.coverKey, pictureId)) return false
      await this.#storage.deleteUnder(publicKey(`${chosenCoversFolder(uploadId)}/${pictureId}`))
      return true
    })
  }
}
