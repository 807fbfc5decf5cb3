import { videoDeleted, videoPublished } from '@fanone/contracts'
import { on, type Subscription } from '@fanone/service-kit'
import type { contentEvents } from './content/content.events.ts'

/** Every event that interaction takes; dapr/subscriptions.yaml is the same list for the sidecar. */
export function subscriptions(handlers: ReturnType<typeof contentEvents>): Subscription[] {
  return [on(videoPublished, handlers.addVideo), on(videoDeleted, handlers.endVideo)]
}
