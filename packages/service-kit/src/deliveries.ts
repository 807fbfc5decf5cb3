import { CloudEvent, type EventContract, type EventData } from '@fanone/contracts'
import { hasCode, toServiceError } from './errors.ts'

// Shared by single deliveries and batches.

/** Failures of its own after which an event is given up; with Dapr's pauses about three seconds. */
export const MAX_FAILURES = 4

/** The route the sidecar delivers an event's topic to. */
export const eventRoute = (topic: string) => `/events/${topic}`

/** How a handler ended: `duplicate` when the inbox had the event already. */
export type Handled = 'handled' | 'duplicate'

/** A delivery that will never succeed; it goes to the dead letters at once. */
export class PoisonEvent extends Error {
  override name = 'PoisonEvent'
}

/** The reason written into a dead letter. */
export function describeFailure(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/**
 * Whether something other than the event is to blame, which is away or too slow and will be back.
 */
export function isOutage(error: unknown): boolean {
  return hasCode(toServiceError(error), 'unavailable', 'timeout', 'upstream_failed')
}

/** @throws PoisonEvent if envelope, version or data do not fit the contract */
export function parseEvent<Event extends EventContract>(
  contract: Event,
  body: unknown,
): { event: CloudEvent; data: EventData<Event> } {
  const envelope = CloudEvent.safeParse(body)
  if (!envelope.success) throw new PoisonEvent(`not a CloudEvent: ${envelope.error.message}`)
  if (envelope.data.type !== contract.type)
    throw new PoisonEvent(`expected ${contract.type}, got ${envelope.data.type}`)
  const data = contract.data.safeParse(envelope.data.data)
  if (!data.success) throw new PoisonEvent(`the data does not fit ${contract.type}: ${data.error.message}`)
  return { event: envelope.data, data: data.data as EventData<Event> }
}
