import type { feedContract } from '@fanone/contracts'
import type { Operations } from '@fanone/service-kit'
import type { RebuildService } from '../rebuild/rebuild.service.ts'
import type { TimelineService } from './timeline.service.ts'

export const timelineOperations = (services: {
  timelines: TimelineService
  rebuilds: RebuildService
}): Operations<typeof feedContract.timelines> => ({
  newest: ({ input }) => services.timelines.newest(input),
  between: ({ input }) => services.timelines.between(input),
  popular: ({ input }) => services.timelines.popular(input),
  following: ({ input }) => services.timelines.following(input),
  rebuild: async () => ({ videos: await services.rebuilds.rebuild() }),
})
