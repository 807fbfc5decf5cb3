import type { videoContract } from '@fanone/contracts'
import { type Operations, requireIdentity } from '@fanone/service-kit'
import type { CoverService } from '../cover/cover.service.ts'
import type { PublicationService } from '../publication/publication.service.ts'
import type { SearchService } from '../search/search.service.ts'
import type { VideoService } from './video.service.ts'

export const videoOperations = (services: {
  videos: VideoService
  publications: PublicationService
  search: SearchService
  covers: CoverService
}): Operations<typeof videoContract.videos> => ({
  publish: ({ input, context }) => services.publications.publish(requireIdentity(context), input),
  getMany: ({ input }) => services.videos.getMany(input),
  processing: ({ input, context }) => services.videos.processing(requireIdentity(context), input),
  listByAuthor: ({ input }) => services.videos.listByAuthor(input),
  pageByAuthor: ({ input }) => services.videos.pageByAuthor(input),
  search: ({ input }) => services.search.search(input),
  searchPage: ({ input }) => services.search.page(input),
  walk: ({ input }) => services.videos.walk(input),
  edit: ({ input, context }) => services.videos.edit(requireIdentity(context), input),
  setCover: ({ input, context }) => services.covers.set(requireIdentity(context), input),
  removeCover: ({ input, context }) => services.covers.remove(requireIdentity(context), input),
  delete: async ({ input, context }) => {
    await services.videos.delete(requireIdentity(context), input, context.idempotencyKey)
    return {}
  },
})
