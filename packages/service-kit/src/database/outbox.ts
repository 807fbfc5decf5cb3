import type { EventContract, EventData } from '@fanone/contracts'
import { context, propagation } from '@opentelemetry/api'
import type { Database, EntityManager } from './database.ts'
import { OutboxMessage } from './tables.ts'

/** What a broker takes is 1 MiB (`maxMessageBytes` in components/pubsub.yaml), envelope included. */
const MOST_DATA_BYTES = 1_000_000

/**
 * Puts an event into the outbox, to be committed with the change it tells of. Data that does not fit the event's schema, or is more than a
 * broker takes, throws here, where the mistake is: at a consumer it would be poison, and in the outbox it would hold up all behind it.
 *
 * @param aggregateId what the event is about; events of one aggregate on one topic keep their order
 */
export function addToOutbox<Event extends EventContract>(
  database: Database,
  em: EntityManager,
  event: Event,
  message: { aggregateId: number; data: EventData<Event> },
): void {
  const data = JSON.stringify(event.data.parse(message.data))
  const bytes = Buffer.byteLength(data)
  if (bytes > MOST_DATA_BYTES)
    throw new Error(`${event.type} has ${bytes} bytes, ${MOST_DATA_BYTES} at most can be sent`)
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  em.persist(
    em.create(OutboxMessage, {
      id: database.newId(),
      topic: event.topic,
      type: event.type,
      aggregateId: message.aggregateId,
      data,
      traceparent: carrier.traceparent ?? null,
      createdAt: new Date(),
    }),
  )
}
