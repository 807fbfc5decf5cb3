import type { CloudEvent } from '@fanone/contracts'
import type { Handled } from '../deliveries.ts'
import { type Database, type EntityManager, TransactionConflict } from './database.ts'
import type { InboxEntity } from './inbox.entity.ts'
import { kysely } from './kysely.ts'

/** MySQL's `ER_DUP_ENTRY`. */
const DUPLICATE_KEY = 1062

/**
 * Applies an event once: its id goes into the inbox in the transaction of the effect, so that a
 * second delivery, even a concurrent one, has no effect. Ids are unique per sender only
 * (CloudEvents 1.0), so the sender is part of the key.
 *
 * @returns whether this delivery applied it
 */
export function applyOnce(
  database: Database,
  event: CloudEvent,
  effect: (em: EntityManager) => Promise<void>,
): Promise<boolean> {
  return database.transaction(async (em) => {
    const { numInsertedOrUpdatedRows } = await kysely<typeof InboxEntity>(em)
      .insertInto('inbox')
      .ignore()
      .values({ event_id: inboxKey(event), topic: event.type, received_at: new Date() })
      .executeTakeFirst()
    if (numInsertedOrUpdatedRows === 0n) return false
    await effect(em)
    return true
  })
}

/**
 * Applies a batch of events, each once, in one transaction. `effect` gets those missing in the
 * inbox, in their order; it must touch rows in an order that depends on their keys alone, or
 * instances block each other.
 *
 * @returns the outcome of each event; the second occurrence within the batch is a duplicate
 */
export async function applyBatchOnce<Delivered extends { event: CloudEvent }>(
  database: Database,
  deliveries: Delivered[],
  effect: (em: EntityManager, fresh: Delivered[]) => Promise<void>,
): Promise<Handled[]> {
  const byKey = new Map(deliveries.toReversed().map((delivery) => [inboxKey(delivery.event), delivery]))
  const keys = [...byKey.keys()].toSorted()
  const known = await database.transaction(async (em) => {
    const rows = await kysely<typeof InboxEntity>(em)
      .selectFrom('inbox')
      .select('event_id as key')
      .where('event_id', 'in', keys)
      .execute()
    const found = new Set(rows.map(({ key }) => key))
    const fresh = keys.filter((key) => !found.has(key))
    if (fresh.length === 0) return found
    await insertIntoInbox(
      em,
      fresh.flatMap((key) => byKey.get(key)?.event ?? []),
    )
    const isFresh = new Set(fresh.map((key) => byKey.get(key)))
    await effect(
      em,
      deliveries.filter((delivery) => isFresh.has(delivery)),
    )
    return found
  })
  return deliveries.map((delivery) => {
    const key = inboxKey(delivery.event)
    return known.has(key) || byKey.get(key) !== delivery ? 'duplicate' : 'handled'
  })
}

const inboxKey = (event: CloudEvent) => `${event.source}/${event.id}`

/**
 * Without "ignore": an event that another instance committed meanwhile must not be applied here. By
 * a typed statement, because MikroORM takes a fifth of the CPU of stats for large batches.
 */
async function insertIntoInbox(em: EntityManager, events: CloudEvent[]): Promise<void> {
  const receivedAt = new Date()
  const rows = events.map((event) => ({ event_id: inboxKey(event), topic: event.type, received_at: receivedAt }))
  try {
    await kysely<typeof InboxEntity>(em).insertInto('inbox').values(rows).execute()
  } catch (error) {
    if ((error as { errno?: unknown }).errno !== DUPLICATE_KEY) throw error
    throw new TransactionConflict('another instance was delivered the same event', { cause: error })
  }
}
