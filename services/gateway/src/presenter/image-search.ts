import type { FoundImage, ImageKind } from '@fanone/contracts'
import type { Client } from '../calls/client.ts'
import type { Lookups } from './lookups.ts'
import type { Presenter, Viewer } from './presenter.ts'
import type { ShownUser, ShownVideo } from './shown.ts'

interface Limits {
  limit: number
  minScore?: number | undefined
}

/** A picture that was found, with what it belongs to: a user or a video. */
export interface ShownImage {
  image: FoundImage
  pictureUrl: string
  user: ShownUser | undefined
  video: ShownVideo | undefined
}

/** Searches by pictures, and shows what was found. */
export class ImageSearch {
  readonly #images: Client<'image-search'>['images']
  readonly #lookups: Pick<Lookups, 'recentVideos'>
  readonly #present: Presenter
  readonly #mediaUrl: (key: string) => string

  constructor(options: {
    images: Client<'image-search'>['images']
    lookups: Pick<Lookups, 'recentVideos'>
    present: Presenter
    mediaUrl: (key: string) => string
  }) {
    this.#images = options.images
    this.#lookups = options.lookups
    this.#present = options.present
    this.#mediaUrl = options.mediaUrl
  }

  /** What is most alike to an upload, the nearest first. */
  async byUpload(query: Limits & { uploadId: string; kinds?: ImageKind[] | undefined }): Promise<FoundImage[]> {
    return (await this.#images.search(query)).items
  }

  urlOf({ pictureKey }: FoundImage): string {
    return this.#mediaUrl(pictureKey)
  }

  /** With what the pictures belong to; those whose content is gone meanwhile are left out. */
  async shown(found: FoundImage[], viewer: Viewer): Promise<ShownImage[]> {
    const isAvatar = ({ kind }: FoundImage) => kind === 'avatar'
    const [users, videos] = await Promise.all([
      this.#usersById(found.filter(isAvatar).map(idOf), viewer),
      this.#videosById(found.filter((image) => !isAvatar(image)).map(idOf), viewer),
    ])
    return found.flatMap((image) => {
      const user = isAvatar(image) ? users.get(image.contentId) : undefined
      const video = isAvatar(image) ? undefined : videos.get(image.contentId)
      return user || video ? [{ image, pictureUrl: this.urlOf(image), user, video }] : []
    })
  }

  /** Other videos that look like one, the most alike first. */
  async similarVideos(
    query: Limits & { videoId: number },
    viewer: Viewer,
  ): Promise<{ score: number; video: ShownVideo }[]> {
    const { items } = await this.#images.similarVideos(query)
    const ids = items.map(({ videoId }) => videoId)
    const videos = await this.#videosById(ids, viewer)
    return items.flatMap(({ score, videoId }) => {
      const video = videos.get(videoId)
      return video ? [{ score, video }] : []
    })
  }

  async #usersById(ids: number[], viewer: Viewer): Promise<Map<number, ShownUser>> {
    if (ids.length === 0) return new Map()
    const shown = await this.#present.authorsById(ids, viewer)
    return new Map(shown.map((one) => [one.user.id, one]))
  }

  async #videosById(ids: number[], viewer: Viewer): Promise<Map<number, ShownVideo>> {
    if (ids.length === 0) return new Map()
    const shown = await this.#present.videos(await this.#lookups.recentVideos([...new Set(ids)]), viewer)
    return new Map(shown.map((one) => [one.video.id, one]))
  }
}

const idOf = ({ contentId }: FoundImage) => contentId
