import type { FoundImage, ImageKind } from '@fanone/contracts'
import { type PixelReader, toServiceError } from '@fanone/pictures'
import { ServiceError } from '@fanone/service-kit'
import { type Storage, uploadKey } from '@fanone/storage'
import type { Collection, CollectionRepository } from '../collection/collection.repository.ts'
import type { Hit, VectorIndex, VectorQuery } from '../index/vector-index.ts'
import type { Embedder } from '../model/embedder.ts'
import type { PictureRepository } from '../picture/picture.repository.ts'

/** What is gone since, and several pictures of one video, are made up for by so many more hits. */
const SPARE = 20
const MAX_HITS = 500

interface Limits {
  limit: number
  minScore?: number | undefined
}

/** Finds pictures that are alike. */
export class SearchService {
  readonly #storage: Storage
  readonly #reader: Pick<PixelReader, 'readOne'>
  readonly #embedder: Embedder
  readonly #index: VectorIndex
  readonly #pictures: PictureRepository
  readonly #collections: Pick<CollectionRepository, 'serving'>

  constructor(options: {
    storage: Storage
    reader: Pick<PixelReader, 'readOne'>
    embedder: Embedder
    index: VectorIndex
    pictures: PictureRepository
    collections: Pick<CollectionRepository, 'serving'>
  }) {
    this.#storage = options.storage
    this.#reader = options.reader
    this.#embedder = options.embedder
    this.#index = options.index
    this.#pictures = options.pictures
    this.#collections = options.collections
  }

  /**
   * The pictures that are most alike to an upload, which stays.
   *
   * @throws ServiceError `upload_not_found`, `not_a_picture`, `unavailable`
   */
  async byUpload(
    query: Limits & { uploadId: string; kinds?: ImageKind[] | undefined; ownerId?: number | undefined },
  ): Promise<FoundImage[]> {
    const serving = await this.#serving()
    const key = uploadKey(query.uploadId)
    if (!(await this.#storage.stat(key))) throw new ServiceError('upload_not_found')
    const { side } = serving.model
    const pixels = await this.#storage
      .withLocalFile(key, (path) => this.#reader.readOne(path, side))
      .catch((error) => {
        throw toServiceError(error)
      })
    const vector = await this.#embedder.embed(serving.model, pixels)
    return this.byVector(serving, vector, query)
  }

  /** The pictures whose features are the nearest. */
  async byVector(
    serving: Collection,
    vector: Float32Array,
    { limit, minScore = -1, kinds, ownerId }: Limits & Pick<VectorQuery, 'kinds' | 'ownerId'>,
  ): Promise<FoundImage[]> {
    const [hits = []] = await this.#index.search(serving, [vector], { limit: limit + SPARE, kinds, ownerId })
    const live = await this.#pictures.live(hits.map(({ id }) => id))
    return hits
      .flatMap(({ id, score }) => {
        const picture = live.get(id)
        if (!picture || score < minScore) return []
        const { kind, pictureKey, contentId, timeMs } = picture
        return [{ score: inRange(score), kind, pictureKey, contentId, timeMs: kind === 'frame' ? timeMs : null }]
      })
      .slice(0, limit)
  }

  /**
   * Other videos, by the two of their pictures that are most alike.
   *
   * @throws ServiceError `unavailable`
   */
  async similarVideos(query: Limits & { videoId: number }): Promise<{ videoId: number; score: number }[]> {
    const { videoId, limit, minScore = -1 } = query
    const serving = await this.#serving()
    const own = await this.#pictures.ofVideo(serving.id, videoId)
    const vectors = [...(await this.#index.get(serving, own)).values()]
    if (vectors.length === 0) return []
    // Each video comes with several pictures, this one too.
    const hits = Math.min(MAX_HITS, (limit + 1) * (own.length + 1) + SPARE)
    const kinds: ImageKind[] = ['cover', 'frame']
    const lists = await this.#index.search(serving, vectors, { limit: hits, kinds })
    const best = new Map<number, number>()
    for (const [id, score] of await this.#contentsOf(lists.flat()))
      best.set(id, Math.max(score, best.get(id) ?? Number.NEGATIVE_INFINITY))
    best.delete(videoId)
    return [...best]
      .map(([id, score]) => ({ videoId: id, score: inRange(score) }))
      .filter(({ score }) => score >= minScore)
      .toSorted((a, b) => b.score - a.score)
      .slice(0, limit)
  }

  async #contentsOf(hits: readonly Hit[]): Promise<[contentId: number, score: number][]> {
    const live = await this.#pictures.live([...new Set(hits.map(({ id }) => id))])
    return hits.flatMap(({ id, score }) => {
      const picture = live.get(id)
      return picture ? [[picture.contentId, score] as [number, number]] : []
    })
  }

  async #serving(): Promise<Collection> {
    const serving = await this.#collections.serving()
    if (!serving) throw new ServiceError('unavailable', { detail: 'Pictures cannot be searched here' })
    await this.#index.checkPresence(serving)
    return serving
  }
}

/** Rounding makes a cosine of 1.0000001. */
const inRange = (score: number) => Math.max(-1, Math.min(1, score))
