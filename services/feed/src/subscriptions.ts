import {
  countersChanged,
  rankingUpdated,
  userFollowed,
  userUnfollowed,
  userUpdated,
  videoDeleted,
  videoPublished,
  videoUpdated,
} from '@fanone/contracts'
import { on, type Subscription } from '@fanone/service-kit'
import type { authorEvents } from './author/author.events.ts'
import type { countersEvents } from './counters/counters.events.ts'
import type { followingEvents } from './following/following.events.ts'
import type { popularEvents } from './popular/popular.events.ts'
import type { timelineEvents } from './timeline/timeline.events.ts'

type Handlers = ReturnType<typeof timelineEvents> &
  ReturnType<typeof authorEvents> &
  ReturnType<typeof countersEvents> &
  ReturnType<typeof popularEvents> &
  ReturnType<typeof followingEvents>

/** Every event the feed takes; dapr/subscriptions.yaml is the same list for the sidecar. */
export function subscriptions(handlers: Handlers): Subscription[] {
  return [
    on(videoPublished, handlers.showVideo),
    on(videoUpdated, handlers.showVideo),
    on(videoDeleted, handlers.removeVideo),
    on(userUpdated, handlers.renameAuthor),
    on(countersChanged, handlers.showCounters),
    on(rankingUpdated, handlers.showRanking),
    on(userFollowed, handlers.follow),
    on(userUnfollowed, handlers.unfollow),
  ]
}
