import { UploadId } from '@fanone/contracts'
import { isPictureOf } from '@fanone/pictures'
import { type Logger, RepeatingWorker, type Worker } from '@fanone/service-kit'
import { mediaFolder, type Storage, type StoredObject, uploadKey } from '@fanone/storage'
import { chosenCoverOf } from '../cover/cover.keys.ts'
import type { JobQueue } from '../jobs/job-queue.ts'
import type { UploadRepository } from '../upload/upload.repository.ts'
import type { VideoRow } from '../video/video.entity.ts'
import type { VideoRepository } from '../video/video.repository.ts'
import type { MediaRemover } from './media-remover.ts'

const BATCH_SIZE = 100
const DAY_MS = 86_400_000

/** Folders of media jobs: each attempt has its own. */
const ATTEMPT = /^(faststart|renditions|storyboard)-[0-9a-f]{32}$/
/** What was published; another file may have taken its place. */
const PUBLISHED = /^video\.(mp4|webm)$/

/** An upload as storage has it, by whatever part of it was written last. */
interface Candidate {
  uploadId: string
  modifiedAtMs: number
  /** The covers in it that its author chose, each with the time of the file written last. */
  covers: Map<string, number>
  /** What media jobs have made of it, by folder, with when the last byte was written. */
  attempts: Map<string, number>
  /** The published files in it. */
  sources: Set<string>
}

export interface JanitorOptions {
  storage: Storage
  videos: VideoRepository
  uploads: UploadRepository
  remover: MediaRemover
  jobs: Pick<JobQueue, 'isBusy'>
  log: Logger
  /** How old an upload or an unfinished publication must be before it counts as abandoned. */
  graceMs: number
  intervalMs: number
}

/**
 * Removes leftovers of crashes and failed deletions: media of deleted videos, expired and
 * unpublished uploads, half-done publications, interrupted transfers. Afterwards every file has a
 * row that keeps it, or is young, and every row that says so has its file. Every step may run in
 * several instances at once and be interrupted anywhere.
 */
export class Janitor implements Worker {
  readonly name = 'janitor'
  readonly #options: JanitorOptions
  readonly #sweeping: RepeatingWorker

  constructor(options: JanitorOptions) {
    this.#options = options
    const { log, intervalMs } = options
    this.#sweeping = new RepeatingWorker({
      name: this.name,
      work: async (signal) => log.info({ removed: await this.sweep(signal) }, 'searched for abandoned media'),
      // Up to a tenth earlier or later, so that instances started together do not sweep together.
      pauseMs: () => intervalMs * (0.9 + Math.random() / 5),
      isPausedFirst: true,
      log,
      failure: 'the search for abandoned media failed',
    })
  }

  start(): void {
    this.#sweeping.start()
  }

  stop(): Promise<void> {
    return this.#sweeping.stop()
  }

  /**
   * Looks through the whole storage once.
   *
   * @returns how many uploads and transfers were removed
   */
  async sweep(signal?: AbortSignal): Promise<number> {
    const { storage, uploads, graceMs } = this.#options
    let removed = (await this.#endExpired(signal)) + (await storage.deleteAbandonedTransfers(graceMs))
    const whole = [storage.list('uploads'), storage.list('media')]
    const pieces = [storage.list('chunks'), storage.growing.list('uploads')]
    for (const objects of whole) removed += await this.#sweepObjects(objects, false, signal)
    for (const objects of pieces) removed += await this.#sweepObjects(objects, true, signal)
    await this.#endEmpty(signal)
    await uploads.forget(new Date(Date.now() - DAY_MS))
    return removed
  }

  async #endExpired(signal?: AbortSignal): Promise<number> {
    const { uploads, remover } = this.#options
    let removed = 0
    while (!signal?.aborted) {
      const expired = await uploads.findExpired(BATCH_SIZE)
      for (const row of expired) if (await remover.endUpload(row)) removed += 1
      if (expired.length < BATCH_SIZE) break
    }
    return removed
  }

  /** Uploads that say they are finished, and whose bytes are gone. */
  async #endEmpty(signal?: AbortSignal): Promise<void> {
    const { storage, uploads, remover } = this.#options
    let afterId = ''
    while (!signal?.aborted) {
      const finished = await uploads.findFinished({ afterId, limit: BATCH_SIZE })
      for (const row of finished) {
        afterId = row.id
        const isHere = (await storage.stat(uploadKey(row.id))) ?? (await hasAny(storage.list(mediaFolder(row.id))))
        if (!isHere) await remover.removeUnlessPublic(row.id)
      }
      if (finished.length < BATCH_SIZE) break
    }
  }

  async #sweepObjects(objects: AsyncIterable<StoredObject>, arePieces: boolean, signal?: AbortSignal): Promise<number> {
    let removed = 0
    for await (const batch of inBatches(candidates(objects))) {
      if (signal?.aborted) break
      removed += await this.#sweepBatch(batch, arePieces)
    }
    return removed
  }

  /** @param arePieces whether a video needs nothing of them */
  async #sweepBatch(batch: Candidate[], arePieces: boolean): Promise<number> {
    const { videos, uploads, remover, graceMs } = this.#options
    const ids = batch.map((candidate) => candidate.uploadId)
    const published = await videos.findUploads(ids)
    const live = new Set((await uploads.findLive(ids)).map(({ id }) => id))
    let removed = 0
    for (const candidate of batch) {
      const { uploadId, modifiedAtMs } = candidate
      const video = published.get(uploadId)
      const isLate = Date.now() - modifiedAtMs > graceMs
      const isAbandoned = video ? video.deletedAt !== null : isLate && !live.has(uploadId)
      if (isAbandoned && (await remover.removeUnlessPublic(uploadId))) removed += 1
      else if (video && isLate && arePieces) await remover.removePieces(uploadId)
      else if (video) {
        removed += await this.#sweepCovers(candidate, video.coverKey)
        removed += await this.#sweepMade(candidate, video)
      }
    }
    return removed
  }

  /** Covers that were replaced, or chosen by a call that was killed. */
  async #sweepCovers({ uploadId, covers }: Candidate, shownKey: string): Promise<number> {
    const { remover, graceMs } = this.#options
    let removed = 0
    for (const [pictureId, modifiedAtMs] of covers) {
      if (isPictureOf(shownKey, pictureId) || Date.now() - modifiedAtMs <= graceMs) continue
      if (await remover.removeCoverUnlessShown(uploadId, pictureId)) removed += 1
    }
    return removed
  }

  /** What a public video does not name, and nobody is about to. */
  async #sweepMade({ uploadId, modifiedAtMs, attempts, sources }: Candidate, video: VideoRow): Promise<number> {
    const { storage, videos, jobs, graceMs } = this.#options
    // Who plays an upload goes on for a while after another file has taken its place.
    const made = [...attempts, ...[...sources].map((name) => [name, modifiedAtMs] as const)]
    const unnamed = (row: VideoRow) =>
      made.filter(([name, lastWrittenMs]) => {
        const isNamed = keysOf(row).some((key) => `${key}/`.startsWith(`${uploadId}/${name}/`))
        return !isNamed && Date.now() - lastWrittenMs > graceMs
      })
    // A job names its folder in the transaction that ends it: once no job is left, the row tells.
    if (unnamed(video).length === 0 || (await jobs.isBusy(video.id))) return 0
    const row = await videos.findPublic(video.id)
    const abandoned = row ? unnamed(row) : []
    for (const [name] of abandoned) {
      const key = `${mediaFolder(uploadId)}/${name}`
      await (PUBLISHED.test(name) ? storage.delete(key) : storage.deleteUnder(key))
    }
    return abandoned.length
  }
}

async function* inBatches(candidates: AsyncIterable<Candidate>): AsyncGenerator<Candidate[]> {
  let batch: Candidate[] = []
  for await (const candidate of candidates) {
    batch.push(candidate)
    if (batch.length < BATCH_SIZE) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function* candidates(objects: AsyncIterable<StoredObject>): AsyncGenerator<Candidate> {
  let current: Candidate | undefined
  for await (const object of objects) {
    const [, uploadId = '', name = ''] = object.key.split('/')
    if (!UploadId.safeParse(uploadId).success) continue
    const modifiedAtMs = object.modifiedAt.getTime()
    if (current?.uploadId !== uploadId) {
      if (current) yield current
      current = { uploadId, modifiedAtMs, covers: new Map(), attempts: new Map(), sources: new Set() }
    }
    current.modifiedAtMs = Math.max(current.modifiedAtMs, modifiedAtMs)
    const cover = chosenCoverOf(object.key)
    if (cover) current.covers.set(cover, Math.max(current.covers.get(cover) ?? 0, modifiedAtMs))
    if (PUBLISHED.test(name)) current.sources.add(name)
    if (ATTEMPT.test(name)) current.attempts.set(name, Math.max(current.attempts.get(name) ?? 0, modifiedAtMs))
  }
  if (current) yield current
}

async function hasAny(objects: AsyncIterable<StoredObject>): Promise<boolean> {
  for await (const _ of objects) return true
  return false
}

/** The media keys that a video names. */
const keysOf = ({ videoKey, sourceKey, coverKey, hlsKey, storyboardKey }: VideoRow) => [
  videoKey,
  sourceKey,
  coverKey,
  hlsKey,
  storyboardKey,
]
