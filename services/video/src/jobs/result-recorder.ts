import { videoReady, videoUpdated } from '@fanone/contracts'
import type { VideoCache } from '../video/video.cache.ts'
import type { VideoRow } from '../video/video.entity.ts'
import { toReadiness, toVideoFacts } from '../video/video.mapping.ts'
import type { VideoRepository } from '../video/video.repository.ts'
import type { JobResult } from './job-handlers.ts'
import type { JobQueue, TakenJob } from './job-queue.ts'

/** Commits how media jobs end, each with what it changes of its video and the events of that. */
export class ResultRecorder {
  readonly #videos: Pick<VideoRepository, 'transaction'>
  readonly #cache: Pick<VideoCache, 'show'>
  readonly #queue: Pick<JobQueue, 'onAdded'>

  constructor(options: {
    videos: Pick<VideoRepository, 'transaction'>
    cache: Pick<VideoCache, 'show'>
    queue: Pick<JobQueue, 'onAdded'>
  }) {
    this.#videos = options.videos
    this.#cache = options.cache
    this.#queue = options.queue
  }

  /** @returns `done`; `lost` or `dropped` where the result does not count */
  async record(job: TakenJob, result: JobResult): Promise<'done' | 'lost' | 'dropped'> {
    const changed = await this.#videos.transaction(async (transaction) => {
      const video = await transaction.lock(job.videoId)
      if (!(await transaction.finishJob(job))) return video ? 'lost' : 'dropped'
      if (!video) return 'dropped'
      change(video, job.kind === 'renditions' ? { ...result, state: 'ready', reason: '' } : result)
      transaction.emit(videoUpdated, toVideoFacts(video))
      if (job.kind === 'renditions') {
        transaction.emit(videoReady, toReadiness(video, new Date()))
        await transaction.addJob({ videoId: video.id, kind: 'storyboard' })
      }
      return video
    })
    if (typeof changed === 'string') return changed
    await this.#cache.show(changed)
    if (job.kind === 'renditions') this.#queue.onAdded()
    return 'done'
  }

  /** Has nobody try it again; the video says why, unless it can do without. */
  async giveUp(job: TakenJob, reason: string): Promise<'failed' | 'lost'> {
    const changed = await this.#videos.transaction(async (transaction) => {
      const video = await transaction.lock(job.videoId)
      if (!(await transaction.giveUpJob(job, reason)) || !video) return 'lost'
      if (job.kind !== 'renditions') return 'failed'
      change(video, { state: 'failed', reason })
      transaction.emit(videoUpdated, toVideoFacts(video))
      return video
    })
    if (typeof changed === 'string') return changed
    await this.#cache.show(changed)
    return 'failed'
  }

  /** Forgets a job whose video is gone. */
  async drop(job: TakenJob): Promise<'dropped'> {
    await this.#videos.transaction((transaction) => transaction.finishJob(job))
    return 'dropped'
  }
}

/** The author has changed nothing, so the time of the last change stays. */
function change(video: VideoRow, changes: Partial<VideoRow>): void {
  Object.assign(video, changes, { version: video.version + 1 })
}
