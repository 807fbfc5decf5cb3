import { isPictureOf } from '@fanone/pictures'
import { chunkFolder, mediaFolder, publicKey, type Storage, uploadKey } from '@fanone/storage'
import { chosenCoversFolder } from '../cover/cover.keys.ts'
import type { UploadRow } from '../upload/upload.entity.ts'
import type { UploadRepository } from '../upload/upload.repository.ts'
import type { VideoRepository } from '../video/video.repository.ts'

/** The only one that removes media, and never those of a public video. */
export class MediaRemover {
  readonly #storage: Storage
  readonly #videos: VideoRepository
  readonly #uploads: UploadRepository

  constructor(options: { storage: Storage; videos: VideoRepository; uploads: UploadRepository }) {
    this.#storage = options.storage
    this.#videos = options.videos
    this.#uploads = options.uploads
  }

  /**
   * Removes an upload and its media, unless it is a public video or becomes one at this moment.
   *
   * @returns whether it was removed
   */
  removeUnlessPublic(uploadId: string): Promise<boolean> {
    return this.#videos.whileUnpublished(uploadId, async () => {
      await this.#uploads.setState(uploadId, ['receiving', 'finished'], 'ended')
      await this.removePieces(uploadId)
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

  /** Removes what an upload is put together from, of which its video needs nothing. */
  async removePieces(uploadId: string): Promise<void> {
    await this.#storage.growing.delete(uploadKey(uploadId))
    await this.#storage.deleteUnder(chunkFolder(uploadId))
  }

  /** Ends an upload; what never arrived does not count for the day. */
  async endUpload({ id, state }: Pick<UploadRow, 'id' | 'state'>): Promise<boolean> {
    if (state === 'receiving') {
      const growing = await this.#storage.growing.stat(uploadKey(id))
      await this.#uploads.setState(id, ['receiving'], 'ended', growing?.sizeBytes ?? 0)
    }
    return await this.removeUnlessPublic(id)
  }
}
