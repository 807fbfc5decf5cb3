import type { EventContract, EventData } from '@fanone/contracts'
import type { EntityManager } from '@mikro-orm/mysql'
import { context, propagation } from '@opentelemetry/api'

/** What a broker takes is 1 MiB (`maxMessageBytes` in components/pubsub.yaml), envelope included. */
const MOST_DATA_BYTES = 1_000_000

type Row = [
  id: number,
  topic: string,
  type: string,
  aggregateId: number,
  data: string,
  traceparent: string | null,
  createdAt: Date,
]
const COLUMNS = 'id, topic, type, aggregate_id, data, traceparent, created_at'
const PLACES = '(?, ?, ?, ?, ?, ?, ?)'

/** The events of each open transaction, in their order. */
const notedBy = new WeakMap<EntityManager, Row[]>()

/**
 * Puts an event into the outbox, to be committed with the change it tells of. Data that does not fit the event's schema, or is more than a
 * broker takes, throws here, where the mistake is: at a consumer it would be poison, and in the outbox it would hold up all behind it.
 *
 * @param em of `Database.transaction`
 * @param aggregateId what the event is about; events of one aggregate on one topic keep their order
 */
export function addToOutbox<Event extends EventContract>(
  database: { newId(): number },
  em: EntityManager,
  event: Event,
  message: { aggregateId: number; data: EventData<Event> },
): void {
  const data = JSON.stringify(event.data.parse(message.data))
  const bytes = Buffer.byteLength(data)
  if (bytes > MOST_DATA_BYTES)
    throw new Error(`${event.type} has ${bytes} bytes, ${MOST_DATA_BYTES} at most can be sent`)
  const noted = notedBy.get(em)
  if (!noted) throw new Error(`${event.type} outside of a transaction would be lost`)
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  const { traceparent = null } = carrier
  noted.push([database.newId(), event.topic, event.type, message.aggregateId, data, traceparent, new Date()])
}

/**
 * Runs the work of a transaction and writes the events that it added, all by one statement at its end: no unit of work, because what is
 * only ever inserted has no state to compare, and this stands in the way of every write there is.
 */
export async function withOutbox<Result>(em: EntityManager, work: (em: EntityManager) => Promise<Result>) {
  const noted: Row[] = []
  notedBy.set(em, noted)
  const result = await work(em)
  notedBy.delete(em)
  if (noted.length > 0) {
    const places = noted.map(() => PLACES).join()
    await em.execute(`insert into outbox (${COLUMNS}) values ${places}`, noted.flat(), 'run')
  }
  return result
}
