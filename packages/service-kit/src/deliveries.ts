import { CloudEvent, type EventContract, type EventData } from '@fanone/contracts'
import { hasCode, toServiceError } from './errors.ts'

// What deliveries one by one and in batches have in common.

/** How often an event may fail, for reasons of its own, before it is given up; Dapr's pauses make that about three seconds. */
export const MOST_FAILURES = 4

/** The route the sidecar delivers an event's topic to. */
export const eventRoute = (topic: string) => `/events/${topic}`

/** How a handler ended: `duplicate` when the inbox had the event already. */
export type Handled = 'handled' | 'duplicate'

/** A delivery that will never succeed; it goes to the dead letters at once. */
export class PoisonEvent extends Error {
  override name = 'PoisonEvent'
}

/** Why an event failed, as its dead letter tells. */
export function describeFailure(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

/** Whether something else than the event is to blame: it is away or too slow, and will be back. */
export function isOutage(error: unknown): boolean {
  return hasCode(toServiceError(error), 'unavailable', 'timeout', 'upstream_failed')
}

/** @throws PoisonEvent where envelope, version or data are not what the contract says */
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
