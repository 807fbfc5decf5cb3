import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Video, videoPublished } from '@fanone/contracts'
import { type Sandbox, SandboxError } from '@fanone/sandbox'
import { type BoundedQueue, type Identity, RunningCalls, type SensitiveWords, ServiceError } from '@fanone/service-kit'
import { publicKey, type Storage, StorageFullError, uploadKey } from '@fanone/storage'
import type { AuthorService } from '../author/author.service.ts'
import { drawnCoverKey } from '../cover/cover.keys.ts'
import type { MediaRemover } from '../janitor/media-remover.ts'
import type { JobQueue } from '../jobs/job-queue.ts'
import type { JobKind } from '../jobs/media-job.entity.ts'
import { makeCover } from '../media/cover.ts'
import { NotAVideoError } from '../media/not-a-video-error.ts'
import { probeVideo, type VideoProbe } from '../media/probe.ts'
import type { UploadService } from '../upload/upload.service.ts'
import type { VideoCache } from '../video/video.cache.ts'
import { toVideo, toVideoFacts } from '../video/video.mapping.ts'
import { isAlreadyPublished, type NewVideo, type VideoRepository } from '../video/video.repository.ts'
import { publications } from './publication.metrics.ts'

const MAX_ATTEMPTS = 3

interface PublishInput {
  uploadId: string
  title: string
  description: string
}

/** What an upload turned out to be, its files in their public place. */
interface Media
  extends Pick<NewVideo, 'videoKey' | 'coverKey' | 'durationMs' | 'width' | 'height' | 'sizeBytes' | 'state'> {
  /** What is to be made of it. */
  jobs: JobKind[]
}

export interface PublicationOptions {
  videos: VideoRepository
  cache: VideoCache
  authors: AuthorService
  words: Pick<SensitiveWords, 'check'>
  uploads: UploadService
  storage: Storage
  remover: MediaRemover
  limiter: BoundedQueue
  sandbox: Sandbox
  jobs: Pick<JobQueue, 'onAdded'>
  /** Of which videos renditions are made. */
  renditions: 'all' | 'needed'
}

/**
 * Turns uploads into videos. Files are in place before the row, so every visible video plays; a
 * crash at any line leaves a state that the same call completes or the janitor removes.
 */
export class PublicationService {
  readonly #videos: VideoRepository
  readonly #cache: VideoCache
  readonly #authors: AuthorService
  readonly #words: Pick<SensitiveWords, 'check'>
  readonly #uploads: UploadService
  readonly #storage: Storage
  readonly #remover: MediaRemover
  readonly #limiter: BoundedQueue
  readonly #sandbox: Sandbox
  readonly #jobs: Pick<JobQueue, 'onAdded'>
  readonly #renditions: 'all' | 'needed'
  readonly #running = new RunningCalls<Video>()

  constructor(options: PublicationOptions) {
    this.#videos = options.videos
    this.#cache = options.cache
    this.#authors = options.authors
    this.#words = options.words
    this.#uploads = options.uploads
    this.#storage = options.storage
    this.#remover = options.remover
    this.#limiter = options.limiter
    this.#sandbox = options.sandbox
    this.#jobs = options.jobs
    this.#renditions = options.renditions
  }

  /**
   * Publishes an upload as the caller's, once for any number of calls. A call during the same
   * publication (repeated by an impatient sidecar) awaits its answer.
   *
   * @throws ServiceError `upload_not_found`, `upload_incomplete`, `upload_checksum_mismatch`,
   *   `not_a_video`, `sensitive_words`, `storage_full`, `unavailable`
   */
  publish(identity: Identity, input: PublishInput): Promise<Video> {
    return this.#running.run(`${identity.userId}/${input.uploadId}`, () => this.#publish(identity, input))
  }

  async #publish(identity: Identity, input: PublishInput): Promise<Video> {
    const authorId = identity.userId
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const published = await this.#findPublished(authorId, input.uploadId)
      if (published) return published
      const upload = await this.#uploads.findToPublish(identity, input.uploadId)
      const texts = await this.#checkTexts(input, upload !== null)
      if (upload?.sha256 && upload.state === 'finished') await this.#checkSum(upload)
      const media = await this.#prepareUnlessMoved({ authorId, uploadId: input.uploadId })
      if (!media) continue
      await this.#authors.addUnknown(authorId)
      return await this.#record({ ...input, ...texts, ...media, authorId })
    }
    throw new ServiceError('unavailable', { retryAfterSeconds: 1 })
  }

  /**
   * What came in one request with refused texts is removed at once: only the janitor would find it
   * later. A resumable upload may be published with others.
   */
  async #checkTexts(
    { uploadId, title, description }: PublishInput,
    isKept: boolean,
  ): Promise<{ title: string; description: string }> {
    try {
      return this.#words.check({ title, description })
    } catch (error) {
      if (!isKept) await this.#remover.removeUnlessPublic(uploadId)
      throw error
    }
  }

  /** Whether the whole is what the client said it would be, before anything is made of it. */
  async #checkSum({ id, sha256 }: { id: string; sha256: string }): Promise<void> {
    if (!(await this.#storage.stat(uploadKey(id)))) return
    const hash = createHash('sha256')
    await pipeline(await this.#storage.read(uploadKey(id)), hash)
    if (hash.digest('hex') !== sha256) throw new ServiceError('upload_checksum_mismatch')
  }

  async #findPublished(authorId: number, uploadId: string): Promise<Video | undefined> {
    const row = await this.#videos.findByUpload(uploadId)
    if (!row) return undefined
    if (row.authorId !== authorId || row.deletedAt !== null) throw new ServiceError('upload_not_found')
    publications.inc({ outcome: 'repeated' })
    return toVideo(row)
  }

  /**
   * The upload, or the place an interrupted publication has moved it to. What was refused is
   * refused again.
   */
  async #locate({ authorId, uploadId }: { authorId: number; uploadId: string }): Promise<string> {
    const publicKeys = ['mp4', 'webm'].map((extension) => publicKey(`${uploadId}/video.${extension}`))
    for (const key of [uploadKey(uploadId), ...publicKeys]) {
      if (await this.#storage.stat(key)) return key
    }
    throw toServiceError(new NotAVideoError(await this.#videos.findRefusal({ authorId, uploadId })))
  }

  /** @returns undefined when another instance publishes the same upload and has moved the file */
  async #prepareUnlessMoved(upload: { authorId: number; uploadId: string }): Promise<Media | undefined> {
    const { uploadId } = upload
    const sourceKey = await this.#locate(upload)
    try {
      return await this.#limiter.run(() => this.#prepare(uploadId, sourceKey))
    } catch (error) {
      if (!(await this.#storage.stat(sourceKey))) return undefined
      if (error instanceof NotAVideoError) {
        await this.#videos.rememberRefusal(upload, error.reason)
        if (!(await this.#remover.removeUnlessPublic(uploadId))) return undefined
        publications.inc({ outcome: 'refused' })
      }
      if (error instanceof StorageFullError) await this.#remover.removeUnlessPublic(uploadId)
      throw toServiceError(error)
    }
  }

  /** Examines the file, makes its cover, and puts both in their public place. */
  async #prepare(uploadId: string, sourceKey: string): Promise<Media> {
    const { probe, cover } = await this.#storage.withLocalFile(sourceKey, async (path) => {
      const sandbox = this.#sandbox
      const probe = await probeVideo(path, sandbox)
      return { probe, cover: await makeCover(path, { video: probe, sandbox }) }
    })
    const coverKey = drawnCoverKey(uploadId)
    const videoKey = `${uploadId}/video.${probe.container}`
    await this.#storage.put(publicKey(coverKey), Readable.from([cover]))
    if (sourceKey !== publicKey(videoKey)) await this.#storage.move(sourceKey, publicKey(videoKey))
    const stored = await this.#storage.stat(publicKey(videoKey))
    if (!stored) throw new ServiceError('upload_not_found')
    const { durationMs, width, height } = probe
    const jobs = this.#jobsFor(probe)
    const state = jobs.length > 0 ? 'processing' : 'ready'
    return { videoKey, coverKey, durationMs, width, height, sizeBytes: stored.sizeBytes, state, jobs }
  }

  #jobsFor({ playsEverywhere, isIndexLast }: VideoProbe): JobKind[] {
    if (!playsEverywhere) return ['renditions']
    if (this.#renditions === 'needed') return []
    // Moving an index takes a moment, so it is first.
    return isIndexLast ? ['faststart', 'renditions'] : ['renditions']
  }

  async #record({ jobs, ...video }: NewVideo & Pick<Media, 'jobs'>): Promise<Video> {
    try {
      const published = await this.#videos.transaction(async (transaction) => {
        const row = await transaction.insert(video)
        for (const kind of jobs) await transaction.addJob({ videoId: row.id, kind })
        transaction.emit(videoPublished, toVideoFacts(row))
        await transaction.closeUpload(video.uploadId)
        // The janitor may just have removed the files as abandoned. From the insert on it cannot.
        for (const key of [video.videoKey, video.coverKey]) {
          if (!(await this.#storage.stat(publicKey(key)))) throw new ServiceError('upload_not_found')
        }
        return row
      })
      publications.inc({ outcome: 'published' })
      if (jobs.length > 0) this.#jobs.onAdded()
      await this.#cache.show(published)
      return toVideo(published)
    } catch (error) {
      if (!isAlreadyPublished(error)) throw error
      const winner = await this.#findPublished(video.authorId, video.uploadId)
      if (!winner) throw error
      return winner
    }
  }
}

function toServiceError(error: unknown): unknown {
  if (error instanceof NotAVideoError) return new ServiceError('not_a_video', { detail: error.reason, cause: error })
  if (error instanceof StorageFullError) return new ServiceError('storage_full', { cause: error })
  // Only running out of wall-clock time gets here: the machine is busy.
  if (error instanceof SandboxError) return new ServiceError('unavailable', { retryAfterSeconds: 10, cause: error })
  return error
}
