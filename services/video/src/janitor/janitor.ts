import { UploadId } from '@fanone/contracts'
import { isPictureOf } from '@fanone/pictures'
import { type Logger, RepeatingWorker, type Worker } from '@fanone/service-kit'
import type { Storage } from '@fanone/storage'
import { chosenCoverOf } from '../cover/cover.keys.ts'
import type { VideoRepository } from '../video/video.repository.ts'
import type { MediaRemover } from './media-remover.ts'

const BATCH_SIZE = 100

/** An upload as storage has it, by whatever part of it was written last. */
interface Candidate {
  uploadId: string
  modifiedAtMs: number
  /** The covers in it that its author chose, each with the time of the file written last. */
  covers: Map<string, number>
}

export interface JanitorOptions {
  storage: Storage
  videos: VideoRepository
  remover: MediaRemover
  log: Logger
  /** How old an upload or an unfinished publication must be before it counts as abandoned. */
  graceMs: number
  intervalMs: number
}

/**
 * Removes leftovers of crashes and failed deletions: media of deleted videos, unpublished uploads,
 * half-done publications, interrupted transfers. Every step may run in several instances at once
 * and be interrupted anywhere.
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
    const { storage, graceMs } = this.#options
    let removed = await storage.deleteAbandonedTransfers(graceMs)
    for (const folder of ['uploads', 'media']) {
      for await (const batch of this.#batches(folder)) {
        if (signal?.aborted) return removed
        removed += await this.#sweepBatch(batch)
      }
    }
    return removed
  }

  async #sweepBatch(batch: Candidate[]): Promise<number> {
    const { videos, remover, graceMs } = this.#options
    const published = await videos.findUploads(batch.map((candidate) => candidate.uploadId))
    let removed = 0
    for (const candidate of batch) {
      const { uploadId, modifiedAtMs } = candidate
      const video = published.get(uploadId)
      const isAbandoned = video ? video.isDeleted : Date.now() - modifiedAtMs > graceMs
      if (isAbandoned && (await remover.removeUnlessPublic(uploadId))) removed += 1
      else if (video) removed += await this.#sweepCovers(candidate, video.coverKey)
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

  async *#batches(folder: string): AsyncGenerator<Candidate[]> {
    let batch: Candidate[] = []
    for await (const candidate of this.#candidates(folder)) {
      batch.push(candidate)
      if (batch.length < BATCH_SIZE) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  }

  /** One candidate for each upload; what does not bear the name of one belongs to somebody else. */
  async *#candidates(folder: string): AsyncGenerator<Candidate> {
    let current: Candidate | undefined
    for await (const object of this.#options.storage.list(folder)) {
      const uploadId = object.key.split('/')[1] ?? ''
      if (!UploadId.safeParse(uploadId).success) continue
      const modifiedAtMs = object.modifiedAt.getTime()
      if (current?.uploadId !== uploadId) {
        if (current) yield current
        current = { uploadId, modifiedAtMs, covers: new Map() }
      }
      current.modifiedAtMs = Math.max(current.modifiedAtMs, modifiedAtMs)
      const cover = chosenCoverOf(object.key)
      if (cover) current.covers.set(cover, Math.max(current.covers.get(cover) ?? 0, modifiedAtMs))
    }
    if (current) yield current
  }
}
