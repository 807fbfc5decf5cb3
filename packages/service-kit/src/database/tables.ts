import { IdempotencyEntity } from './idempotency.entity.ts'
import { InboxEntity } from './inbox.entity.ts'
import { KitCollations20261127 } from './migrations/kit-collations-20261127.ts'
import { KitTables20261121 } from './migrations/kit-tables-20261121.ts'
import { OutboxAggregates20261127 } from './migrations/outbox-aggregates-20261127.ts'
import { OutboxEntity } from './outbox.entity.ts'
import { WorkerLeaseEntity } from './worker-lease.entity.ts'

/** The tables that every service with a database has. */
export const kitTables = {
  entities: [OutboxEntity, InboxEntity, IdempotencyEntity, WorkerLeaseEntity],
  /** In the order they are applied. */
  migrations: [KitTables20261121, KitCollations20261127, OutboxAggregates20261127],
}
