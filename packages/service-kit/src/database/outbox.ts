import type { EventContract, EventData } from '@fanone/contracts'
import { context, propagation } from '@opentelemetry/api'
import type { Database, EntityManager } from './database.ts'
import { OutboxMessage } from './tables.ts'

/**
 * Puts an event into the outbox, to be committed with the change it tells of. Data that does not fit the event's schema throws
 * here, where the mistake is, and not at some consumer.
 *
 * @param aggregateId what the event is about; events of one aggregate on one topic keep their order
 */
export function addToOutbox<Event extends EventContract>(
  database: Database,
  em: EntityManager,
  event: Event,
  message: { aggregateId: number; data: EventData<Event> },
): void {
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  em.persist(
    em.create(OutboxMessage, {
      id: database.newId(),
      topic: event.topic,
      type: event.type,
      aggregateId: message.aggregateId,
      data: JSON.stringify(event.data.parse(message.data)),
      traceparent: carrier.traceparent ?? null,
      createdAt: new Date(),
    }),
  )
}
