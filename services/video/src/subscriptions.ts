import { userUpdated, videoDeleted, videoPublished, videoUpdated } from '@fanone/contracts'
import { on, type Subscription } from '@fanone/service-kit'
import type { authorEvents } from './author/author.events.ts'
import type { videoEvents } from './video/video.events.ts'

type Handlers = ReturnType<typeof authorEvents> & ReturnType<typeof videoEvents>

/** Every event that video takes; dapr/subscriptions.yaml is the same list for the sidecar. */
export function subscriptions(handlers: Handlers): Subscription[] {
  return [
    on(userUpdated, handlers.renameAuthor),
    on(videoPublished, handlers.refreshVideo),
    on(videoUpdated, handlers.refreshVideo),
    on(videoDeleted, handlers.refreshVideo),
  ]
}
