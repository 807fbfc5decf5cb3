import { userUpdated } from '@fanone/contracts'
import { on, type Subscription } from '@fanone/service-kit'
import type { profileEvents } from './profile/profile.events.ts'

/** Every event that user takes; dapr/subscriptions.yaml is the same list for the sidecar. */
export function subscriptions(handlers: ReturnType<typeof profileEvents>): Subscription[] {
  return [on(userUpdated, handlers.refreshProfile)]
}
