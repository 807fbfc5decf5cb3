import { Counter, Gauge } from '@fanone/service-kit'

/**
 * `outcome`: done, retried (failed, and tried again later), failed (given up), dropped (the video
 * was deleted), lost (another instance has it), stopped (this instance ends).
 */
export const mediaJobs = new Counter({
  name: 'fanone_video_media_jobs_total',
  help: 'Attempts at media jobs that have ended, by kind and outcome',
  labelNames: ['kind', 'outcome'] as const,
})

/** Divided by the seconds of work: how much faster than playing it is. */
export const mediaSeconds = new Counter({
  name: 'fanone_video_media_seconds_total',
  help: 'Seconds of video that media jobs were done for',
  labelNames: ['kind'] as const,
})

export const mediaWorkSeconds = new Counter({
  name: 'fanone_video_media_work_seconds_total',
  help: 'Seconds spent on media jobs that were done',
  labelNames: ['kind'] as const,
})

export const mediaQueueLength = new Gauge({
  name: 'fanone_video_media_queue_length',
  help: 'Media jobs that wait or are worked on, in all instances',
})

export const mediaQueueAgeSeconds = new Gauge({
  name: 'fanone_video_media_queue_age_seconds',
  help: 'Age of the oldest media job that waits or is worked on',
})
