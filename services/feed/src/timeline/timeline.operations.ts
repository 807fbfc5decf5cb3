import { feedContract } from '@fanone/contracts'
import { operations } from '@fanone/service-kit'
import type { RebuildService } from '../rebuild/rebuild.service.ts'
import type { TimelineService } from './timeline.service.ts'

/** The feed's contract, implemented. */
export function timelineOperations(services: { timelines: TimelineService; rebuilds: RebuildService }) {
  const { timelines } = operations(feedContract)
  return {
    timelines: {
      newest: timelines.newest.handler(({ input }) => services.timelines.newest(input)),
      between: timelines.between.handler(({ input }) => services.timelines.between(input)),
      popular: timelines.popular.handler(({ input }) => services.timelines.popular(input)),
      following: timelines.following.handler(({ input }) => services.timelines.following(input)),
      rebuild: timelines.rebuild.handler(async () => ({ videos: await services.rebuilds.rebuild() })),
    },
  }
}
