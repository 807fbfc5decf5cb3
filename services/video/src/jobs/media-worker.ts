import { SandboxError } from '@fanone/sandbox'
import { type Logger, RepeatingWorker, type Worker } from '@fanone/service-kit'
import { mediaFolder, type Storage, StorageFullError } from '@fanone/storage'
import { NotAVideoError } from '../media/not-a-video-error.ts'
import type { VideoRow } from '../video/video.entity.ts'
import type { VideoRepository } from '../video/video.repository.ts'
import { mediaJobs, mediaQueueAgeSeconds, mediaQueueLength, mediaSeconds, mediaWorkSeconds } from './job.metrics.ts'
import type { JobHandlers, JobResult } from './job-handlers.ts'
import type { JobQueue, TakenJob } from './job-queue.ts'
import type { ResultRecorder } from './result-recorder.ts'

const MAX_ATTEMPTS = 3
/** Jobs of others, whose leases end, are looked for this often; own ones wake the worker. */
const LOOK_EVERY_MS = 5_000
const RENEW_EVERY_MS = 4_000

export interface MediaWorkerOptions {
  queue: JobQueue
  videos: Pick<VideoRepository, 'findPublic'>
  results: ResultRecorder
  storage: Pick<Storage, 'deleteUnder'>
  handlers: JobHandlers
  log: Logger
  renewEveryMs?: number
}

/** Why an attempt was ended from outside. */
class Interruption extends Error {
  override name = 'Interruption'
  readonly outcome: 'lost' | 'stopped'

  constructor(outcome: 'lost' | 'stopped') {
    super(outcome)
    this.outcome = outcome
  }
}

/**
 * Does media jobs one after the other. Everything an attempt makes lies in a folder of its own, and
 * counts only once its result is committed; without that it is removed, here or by the janitor.
 */
export class MediaWorker implements Worker {
  readonly name = 'media jobs'
  readonly #options: MediaWorkerOptions
  readonly #repeating: RepeatingWorker
  #hasMore = false

  constructor(options: MediaWorkerOptions) {
    this.#options = options
    this.#repeating = new RepeatingWorker({
      name: this.name,
      work: async (signal) => {
        this.#hasMore = await this.workOnNext(signal)
      },
      pauseMs: ({ hasFailed }) => (this.#hasMore && !hasFailed ? 0 : LOOK_EVERY_MS),
      log: options.log,
      failure: 'media jobs could not be looked for',
    })
  }

  start(): void {
    this.#options.queue.onAdded = () => this.#repeating.wake()
    this.#repeating.start()
  }

  stop(): Promise<void> {
    return this.#repeating.stop()
  }

  /** Takes a job and does it. @returns false where none waits */
  async workOnNext(stopping: AbortSignal): Promise<boolean> {
    const { queue } = this.#options
    const { length, oldestSeconds } = await queue.state()
    mediaQueueLength.set(length)
    mediaQueueAgeSeconds.set(oldestSeconds)
    const job = length > 0 ? await queue.take() : undefined
    if (!job) return false
    const outcome = await this.#attempt(job, stopping)
    mediaJobs.inc({ kind: job.kind, outcome })
    return true
  }

  /** @returns how it went; see `mediaJobs` */
  async #attempt(job: TakenJob, stopping: AbortSignal): Promise<string> {
    const { videos, results, storage, log } = this.#options
    const video = await videos.findPublic(job.videoId)
    if (!video) return results.drop(job)
    if (job.attempts > MAX_ATTEMPTS) return results.giveUp(job, 'It was tried several times and never finished')
    const folder = `${mediaFolder(video.uploadId)}/${job.kind}-${job.lease}`
    const startedAt = performance.now()
    let outcome = 'failed'
    try {
      const result = await this.#workUnderLease(job, { video, folder, stopping })
      outcome = await results.record(job, result)
      if (outcome === 'done') this.#measure(job, video, startedAt)
    } catch (error) {
      log.warn({ err: error, videoId: job.videoId, kind: job.kind, attempt: job.attempts }, 'a media job failed')
      outcome = await this.#endWithout(job, error)
    } finally {
      if (outcome !== 'done') await storage.deleteUnder(folder).catch((err) => log.warn({ err }, 'left to the janitor'))
    }
    return outcome
  }

  async #workUnderLease(
    job: TakenJob,
    { video, folder, stopping }: { video: VideoRow; folder: string; stopping: AbortSignal },
  ): Promise<JobResult> {
    const { queue, handlers, renewEveryMs = RENEW_EVERY_MS } = this.#options
    const ending = new AbortController()
    const stop = () => ending.abort(new Interruption('stopped'))
    let percent = 0
    const renew = async () => {
      // Where the database does not answer, the next time counts; a lost lease commits nothing.
      const isOurs = await queue.renew(job, percent).catch(() => true)
      if (!isOurs) ending.abort(new Interruption('lost'))
    }
    const timer = setInterval(() => void renew(), renewEveryMs)
    stopping.addEventListener('abort', stop)
    if (stopping.aborted) stop()
    const report = (done: number) => {
      percent = done
    }
    try {
      return await handlers[job.kind]({ video, folder, signal: ending.signal, report })
    } finally {
      clearInterval(timer)
      stopping.removeEventListener('abort', stop)
    }
  }

  async #endWithout(job: TakenJob, error: unknown): Promise<string> {
    const { queue, results } = this.#options
    if (error instanceof Interruption) {
      if (error.outcome === 'stopped') await queue.putBack(job)
      return error.outcome
    }
    const { reason, isFinal } = judge(error)
    if (isFinal || job.attempts >= MAX_ATTEMPTS) return results.giveUp(job, reason)
    await queue.retryLater(job, reason)
    return 'retried'
  }

  #measure({ kind }: TakenJob, { durationMs }: VideoRow, startedAt: number): void {
    mediaSeconds.inc({ kind }, durationMs / 1_000)
    mediaWorkSeconds.inc({ kind }, (performance.now() - startedAt) / 1_000)
  }
}

/** What people are told of an error, and whether another try could end otherwise. */
function judge(error: unknown): { reason: string; isFinal: boolean } {
  if (error instanceof NotAVideoError) return { reason: error.reason, isFinal: true }
  if (error instanceof StorageFullError) return { reason: 'There was no room for what is made of it', isFinal: false }
  if (!(error instanceof SandboxError)) return { reason: 'Something went wrong on our side', isFinal: false }
  if (error.limit === 'time') return { reason: 'Converting it took too long', isFinal: false }
  if (error.limit) return { reason: 'Converting it takes too much work', isFinal: true }
  return { reason: 'Its picture or sound cannot be converted', isFinal: true }
}
