import { userUpdated } from '@fanone/contracts'
import { on, type Subscription } from '@fanone/service-kit'
import type { authorEvents } from './author/author.events.ts'

/** Every event that video takes; dapr/subscriptions.yaml is the same list for the sidecar. */
export function subscriptions(handlers: ReturnType<typeof authorEvents>): Subscription[] {
  return [on(userUpdated, handlers.renameAuthor)]
}
