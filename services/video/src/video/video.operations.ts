import { videoContract } from '@fanone/contracts'
import { operations, requireIdentity } from '@fanone/service-kit'
import type { PublicationService } from '../publication/publication.service.ts'
import type { SearchService } from '../search/search.service.ts'
import type { VideoService } from './video.service.ts'

/** The video contract, implemented. */
export function videoOperations(services: {
  videos: VideoService
  publications: PublicationService
  search: SearchService
}) {
  const { videos } = operations(videoContract)
  return {
    videos: {
      publish: videos.publish.handler(({ input, context }) =>
        services.publications.publish(requireIdentity(context), input),
      ),
      getMany: videos.getMany.handler(({ input }) => services.videos.getMany(input)),
      listByAuthor: videos.listByAuthor.handler(({ input }) => services.videos.listByAuthor(input)),
      pageByAuthor: videos.pageByAuthor.handler(({ input }) => services.videos.pageByAuthor(input)),
      search: videos.search.handler(({ input }) => services.search.search(input)),
      searchPage: videos.searchPage.handler(({ input }) => services.search.page(input)),
      walk: videos.walk.handler(({ input }) => services.videos.walk(input)),
      edit: videos.edit.handler(({ input, context }) => services.videos.edit(requireIdentity(context), input)),
      delete: videos.delete.handler(async ({ input, context }) => {
        await services.videos.delete(requireIdentity(context), input)
        return {}
      }),
    },
  }
}
