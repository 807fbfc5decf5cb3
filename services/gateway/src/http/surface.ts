import type { RouteMeta } from '@fanone/contracts/gateway'
import { os } from '@orpc/server'
import type { KeySet } from '../auth/key-set.ts'
import type { CountersService } from '../counters/counters.service.ts'
import type { FeedService } from '../feed/feed.service.ts'
import type { CommentsService } from '../interactions/comments.service.ts'
import type { LikesService } from '../interactions/likes.service.ts'
import type { VisitsService } from '../interactions/visits.service.ts'
import type { RelationsService } from '../relations/relations.service.ts'
import type { UsersService } from '../users/users.service.ts'
import type { VideosService } from '../videos/videos.service.ts'
import type { Admission, RouteContext } from './admission.ts'

/** What the handlers of all APIs call. */
export interface Services {
  users: UsersService
  videos: VideosService
  likes: LikesService
  comments: CommentsService
  visits: VisitsService
  relations: RelationsService
  feed: FeedService
  counters: CountersService
  keys: KeySet
  /** Turns where a file is into where a client finds it. */
  mediaUrl: (key: string) => string
}

/** The middleware before every handler of an API: admission, after which the handler knows who calls. */
export function guard(admission: Admission) {
  return os.$context<RouteContext>().middleware(async ({ context, procedure, next }) => {
    const { route, meta } = procedure['~orpc']
    const identity = await admission.admit({ path: route.path ?? '/', meta: meta as RouteMeta }, context)
    return admission.run(context.request, identity, () => next({ context: { identity } }))
  })
}
