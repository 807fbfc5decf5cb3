import { v1Contract } from '@fanone/contracts/gateway'
import { requireIdentity, ServiceError } from '@fanone/service-kit'
import type { EndedSessions } from '../auth/ended-sessions.ts'
import type { Client } from '../calls/client.ts'
import type { Limits } from '../limits/limits.ts'
import type { ImageSearch } from '../presenter/image-search.ts'
import type { Lookups } from '../presenter/lookups.ts'
import type { Presenter } from '../presenter/presenter.ts'
import { routesOf } from '../routing/request-context.ts'
import { streamProcessing } from './processing-events.ts'
import { toV1Video } from './videos.view.ts'

export function videosV1({
  video,
  lookups,
  present,
  limits,
  ended,
  imageSearch,
  stopping,
}: {
  video: Client<'video'>
  lookups: Lookups
  present: Presenter
  limits: Pick<Limits, 'streams' | 'routes'>
  ended: Pick<EndedSessions, 'has'>
  imageSearch: ImageSearch
  stopping: AbortSignal
}) {
  const routes = routesOf(v1Contract.videos)
  return routes.router({
    search: routes.search.handler(async ({ input, context }) => {
      const { items, nextCursor } = await video.videos.search(input)
      return { items: (await present.videos(items, context.identity)).map(toV1Video), nextCursor }
    }),
    get: routes.get.handler(async ({ input, context }) => {
      return toV1Video(await present.videoById(input.id, context.identity))
    }),
    similar: routes.similar.handler(async ({ input: { id: videoId, ...query }, context }) => {
      const items = await imageSearch.similarVideos({ videoId, ...query }, context.identity)
      if (items.length === 0 && (await lookups.videos([videoId])).length === 0)
        throw new ServiceError('video_not_found')
      return { items: items.map(({ score, video: shown }) => ({ score, video: toV1Video(shown) })) }
    }),
    events: routes.events.handler(async ({ input, context }) => {
      const identity = requireIdentity(context)
      const { response } = context
      const ask = async () => {
        if (await ended.has(identity.sessionId)) throw new ServiceError('unauthenticated')
        return await video.videos.processing(input, { context: { identity } })
      }
      const onBegin = () => limits.routes.release(response)
      await limits.streams.run(identity.userId, () => streamProcessing(response, { ask, onBegin, stopping }))
      return ''
    }),
    edit: routes.edit.handler(async ({ input, context }) => {
      const identity = requireIdentity(context)
      const edited = await video.videos.edit(input, { context: { identity } })
      lookups.noteChange({ videoId: input.id })
      return toV1Video(await present.video(edited, identity))
    }),
    removeCover: routes.removeCover.handler(async ({ input, context }) => {
      const identity = requireIdentity(context)
      const edited = await video.videos.removeCover(input, { context: { identity } })
      lookups.noteChange({ videoId: input.id })
      return toV1Video(await present.video(edited, identity))
    }),
    delete: routes.delete.handler(async ({ input, context }) => {
      await video.videos.delete(input, { context: { identity: requireIdentity(context) } })
      lookups.noteChange({ videoId: input.id })
    }),
    listByAuthor: routes.listByAuthor.handler(async ({ input: { id: authorId, ...page }, context }) => {
      const { items, nextCursor } = await video.videos.listByAuthor({ authorId, ...page })
      return { items: (await present.videos(items, context.identity)).map(toV1Video), nextCursor }
    }),
  })
}
