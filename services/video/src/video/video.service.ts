import { type Video, type VideoProcessing, videoDeleted, videoUpdated } from '@fanone/contracts'
import {
  callMark,
  hasMark,
  type Identity,
  type Logger,
  page,
  type SensitiveWords,
  ServiceError,
} from '@fanone/service-kit'
import type { HiddenAuthors } from '../author/hidden-authors.ts'
import type { MediaRemover } from '../janitor/media-remover.ts'
import type { JobQueue } from '../jobs/job-queue.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { VideoCache } from './video.cache.ts'
import type { VideoRow } from './video.entity.ts'
import { toDeletion, toVideo, toVideoFacts } from './video.mapping.ts'
import { requireOwn } from './video.owner.ts'
import type { VideoRepository, VideoTransaction } from './video.repository.ts'

/** The catalogue: what is public, and what authors do with what is theirs. */
export class VideoService {
  readonly #videos: VideoRepository
  readonly #cache: VideoCache
  readonly #hidden: Pick<HiddenAuthors, 'leaveOut'>
  readonly #words: Pick<SensitiveWords, 'check'>
  readonly #remover: MediaRemover
  readonly #jobs: Pick<JobQueue, 'progressOf'>
  readonly #log: Logger

  constructor(options: {
    videos: VideoRepository
    cache: VideoCache
    hidden: Pick<HiddenAuthors, 'leaveOut'>
    words: Pick<SensitiveWords, 'check'>
    remover: MediaRemover
    jobs: Pick<JobQueue, 'progressOf'>
    log: Logger
  }) {
    this.#videos = options.videos
    this.#cache = options.cache
    this.#hidden = options.hidden
    this.#words = options.words
    this.#remover = options.remover
    this.#jobs = options.jobs
    this.#log = options.log
  }

  /** In the order of the ids, each video once; what is not public is left out. */
  async getMany(input: { ids: number[]; withHidden?: boolean | undefined }): Promise<{ items: Video[] }> {
    const found = await this.#cache.read(input.ids)
    const shown = input.withHidden ? found : await this.#hidden.leaveOut(found)
    return { items: await this.#withProgress(shown) }
  }

  /** @throws ServiceError `video_not_found`, `forbidden` */
  async processing(identity: Identity, input: { id: number }): Promise<VideoProcessing> {
    const video = await this.#videos.findPublic(input.id)
    if (!video) throw new ServiceError('video_not_found')
    requireOwn(video, identity)
    const [{ state, progress, reason } = toVideo(video)] = await this.#withProgress([toVideo(video)])
    return { state, progress, reason }
  }

  /** No cache knows how far a job is: it would be written anew with every percent. */
  async #withProgress(videos: Video[]): Promise<Video[]> {
    const ids = videos.filter(({ state }) => state === 'processing').map(({ id }) => id)
    const progress = await this.#jobs.progressOf(ids, 'renditions')
    return videos.map((video) => ({ ...video, progress: progress.get(video.id) ?? video.progress }))
  }

  /** @throws ServiceError `malformed_cursor` */
  async listByAuthor(input: {
    authorId: number
    cursor?: string | undefined
    limit: number
  }): Promise<{ items: Video[]; nextCursor: string | null }> {
    const beforeId = input.cursor === undefined ? undefined : decodeCursor(input.cursor)
    const { items, nextCursor } = await page(
      input.limit,
      (limit) => this.#videos.findByAuthor({ authorId: input.authorId, beforeId, limit }),
      ({ id }) => encodeCursor(id),
    )
    return { items: items.map(toVideo), nextCursor }
  }

  async pageByAuthor(input: {
    authorId: number
    offset: number
    limit: number
  }): Promise<{ items: Video[]; total: number }> {
    const [rows, total] = await this.#videos.findPageByAuthor(input)
    return { items: rows.map(toVideo), total }
  }

  async walk(input: { afterId: number; limit: number }): Promise<{ items: Video[] }> {
    return { items: (await this.#videos.walk(input)).map(toVideo) }
  }

  /**
   * Changes what is given. Giving what is there already changes nothing, so a call that arrives
   * twice counts once.
   *
   * @throws ServiceError `video_not_found`, `forbidden`, `sensitive_words`
   */
  async edit(
    identity: Identity,
    input: { id: number; title?: string | undefined; description?: string | undefined },
  ): Promise<Video> {
    const texts = this.#words.check({ title: input.title, description: input.description })
    const edited = await this.#videos.transaction(async (transaction) => {
      const video = await transaction.lock(input.id)
      if (!video) throw new ServiceError('video_not_found')
      requireOwn(video, identity)
      const title = texts.title ?? video.title
      const description = texts.description ?? video.description
      if (title !== video.title || description !== video.description) {
        Object.assign(video, { title, description, version: video.version + 1, updatedAt: new Date() })
        await transaction.index(video)
        transaction.emit(videoUpdated, toVideoFacts(video))
      }
      return video
    })
    await this.#cache.show(edited)
    return toVideo(edited)
  }

  /**
   * Deletes a video. A repeat of the call that deleted it is answered like the first, and finishes
   * what that may have left.
   *
   * @throws ServiceError `video_not_found`, `forbidden`
   */
  async delete(identity: Identity, input: { id: number }, idempotencyKey?: string | undefined): Promise<void> {
    const mark = callMark('videos.delete', idempotencyKey)
    const deleted = await this.#videos.transaction(async (transaction) => {
      const video = await transaction.lockWithDeleted(input.id)
      const isRepeat = video !== null && hasMark(video.deletedBy, mark)
      if (!video || (video.deletedAt && !isRepeat)) throw new ServiceError('video_not_found')
      requireOwn(video, identity)
      if (!isRepeat) await end(transaction, video, mark)
      return video
    })
    await this.#finishDeletion(deleted)
  }

  /** Deletes a video whoever its author is. One that is deleted or unknown is left as it is. */
  async remove(id: number): Promise<void> {
    const deleted = await this.#videos.transaction(async (transaction) => {
      const video = await transaction.lockWithDeleted(id)
      if (video?.deletedAt === null) await end(transaction, video)
      return video
    })
    if (deleted) await this.#finishDeletion(deleted)
  }

  async #finishDeletion(video: VideoRow): Promise<void> {
    await this.#cache.show(video)
    await this.#remover.removeUnlessPublic(video.uploadId).catch((error) => {
      this.#log.warn({ err: error, videoId: video.id }, 'the files of a deleted video are left to the janitor')
    })
  }
}

/** @param mark names the call that deletes it */
async function end(transaction: VideoTransaction, video: VideoRow, mark: Buffer = Buffer.alloc(0)): Promise<void> {
  const deletedAt = new Date()
  Object.assign(video, { deletedAt, deletedBy: mark, updatedAt: deletedAt, version: video.version + 1 })
  await transaction.unindex(video.id)
  await transaction.dropJobs(video.id)
  transaction.emit(videoDeleted, toDeletion(video, deletedAt))
}
