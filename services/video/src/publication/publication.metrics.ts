import { Counter } from '@fanone/service-kit'

/** `outcome`: published, repeated (it was published before), refused (not a video). */
export const publications = new Counter({
  name: 'fanone_video_publications_total',
  help: 'Answered requests to publish an upload, by outcome',
  labelNames: ['outcome'] as const,
})
