import { defineEntity, type InferEntity } from '@mikro-orm/core'
import { column } from './columns.ts'

/** An event to be published: inserted with its change, deleted once the broker has it. */
export const OutboxEntity = defineEntity({
  name: 'Outbox',
  tableName: 'outbox',
  properties: {
    /** The order of publication. */
    seq: column.id().autoincrement().primary(),
    /** The id of the event. */
    id: column.id(),
    topic: column.text(100),
    type: column.text(100),
    /** What `orderedBy` of the event says: events of one aggregate keep their order. */
    aggregateId: column.optionalAscii(100),
    /** JSON, as `addToOutbox` wrote it. */
    data: column.hugeText(),
    traceparent: column.optionalText(64),
    createdAt: column.time(),
  },
})
export type OutboxRow = InferEntity<typeof OutboxEntity>
