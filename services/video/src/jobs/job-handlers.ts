import { publicKey } from '@fanone/storage'
import type { VideoRow } from '../video/video.entity.ts'
import type { JobKind } from './media-job.entity.ts'

/** What a job works on, and where its files go. */
export interface JobTask {
  video: VideoRow
  /** Storage folder for everything it makes; no other attempt writes there. */
  folder: string
  /** Aborted when the job is no longer ours, or this instance ends. */
  signal: AbortSignal
  report: (percent: number) => void
}

/** What a job has made: how the row of its video changes. */
export type JobResult = Partial<Pick<VideoRow, 'videoKey' | 'sourceKey' | 'hlsKey' | 'storyboardKey'>>

export type JobHandlers = Record<JobKind, (task: JobTask) => Promise<JobResult>>

/** The media key of a file in a folder of storage. */
export const mediaKeyIn = (folder: string, file: string) => `${folder.slice(publicKey('').length)}/${file}`
