import type { EventContract, EventData } from '@fanone/contracts'
import type { EntityManager } from '@mikro-orm/mysql'
import { context, propagation } from '@opentelemetry/api'
import { kysely } from './kysely.ts'
import type { OutboxEntity, OutboxRow } from './outbox.entity.ts'

/** The broker takes 1 MiB (`maxMessageBytes` in components/pubsub.yaml), envelope included. */
const MAX_DATA_BYTES = 1_000_000

type NewRow = Omit<OutboxRow, 'seq'>

/** An event as it is counted. */
export interface Fact {
  event: string
  kind: string
}

/** The events of each open transaction, in their order. */
const pendingEventsOf = new WeakMap<EntityManager, { rows: NewRow[]; facts: Fact[] }>()

/**
 * Adds an event to the outbox, committed with its change. Data that does not fit the event's schema
 * or the broker's limit throws here, where the mistake is: at a consumer it would be poison, in the
 * outbox it would block all later events.
 *
 * @param em of `Database.transaction`
 */
export function addToOutbox<Event extends EventContract>(
  database: { newId(): number },
  em: EntityManager,
  event: Event,
  facts: EventData<Event>,
): void {
  const parsed = event.data.parse(facts)
  const data = JSON.stringify(parsed)
  const bytes = Buffer.byteLength(data)
  if (bytes > MAX_DATA_BYTES) throw new Error(`${event.type} has ${bytes} bytes, ${MAX_DATA_BYTES} at most can be sent`)
  const pending = pendingEventsOf.get(em)
  if (!pending) throw new Error(`${event.type} outside of a transaction would be lost`)
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  const { traceparent = null } = carrier
  const { topic, type } = event
  const aggregateId = event.orderedBy(parsed)
  pending.rows.push({ id: database.newId(), topic, type, aggregateId, data, traceparent, createdAt: new Date() })
  pending.facts.push({ event: topic, kind: event.kindOf(parsed) })
}

/**
 * Runs the work of a transaction and inserts its events by one statement at the end. No unit of
 * work: rows that are only inserted have no state to compare, and every write comes through here.
 *
 * @returns with the result what there is to count once the transaction is committed
 */
export async function withOutbox<Result>(
  em: EntityManager,
  work: (em: EntityManager) => Promise<Result>,
): Promise<{ result: Result; facts: readonly Fact[] }> {
  const pending = { rows: [] as NewRow[], facts: [] as Fact[] }
  pendingEventsOf.set(em, pending)
  const result = await work(em)
  pendingEventsOf.delete(em)
  if (pending.rows.length > 0) await insertIntoOutbox(em, pending.rows)
  return { result, facts: pending.facts }
}

async function insertIntoOutbox(em: EntityManager, rows: NewRow[]): Promise<void> {
  const values = rows.map(({ aggregateId, createdAt, ...row }) => ({
    ...row,
    aggregate_id: aggregateId,
    created_at: createdAt,
  }))
  await kysely<typeof OutboxEntity>(em).insertInto('outbox').values(values).execute()
}
