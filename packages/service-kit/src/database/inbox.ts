import type { CloudEvent } from '@fanone/contracts'
import type { Database, EntityManager } from './database.ts'

/**
 * Applies an event once: its id goes into the inbox in the same transaction as the effect, so that a second delivery, also one
 * that runs at the same time, has none. Ids are unique for each sender only (CloudEvents 1.0), so the sender is part of the key.
 *
 * @returns whether this delivery applied it
 */
export function applyOnce(
  database: Database,
  event: CloudEvent,
  effect: (em: EntityManager) => Promise<void>,
): Promise<boolean> {
  return database.transaction(async (em) => {
    const result = (await em
      .getConnection()
      .execute(
        'insert ignore into inbox (event_id, topic, received_at) values (?, ?, utc_timestamp(3))',
        [`${event.source}/${event.id}`, event.type],
        'run',
        em.getTransactionContext(),
      )) as {
      affectedRows: number
    }
    if (result.affectedRows === 0) return false
    await effect(em)
    return true
  })
}
