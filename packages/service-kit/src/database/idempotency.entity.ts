import { defineEntity } from '@mikro-orm/core'
import { column } from './columns.ts'

/** The first answer to a keyed call, for 24 hours. */
export const IdempotencyEntity = defineEntity({
  name: 'Idempotency',
  tableName: 'idempotency',
  properties: {
    operation: column.text(100).primary(),
    /** SHA-256 of operation, caller and key, in hex. */
    keyHash: column.asciiChar(64).primary(),
    /** SHA-256 of the input, in hex. */
    requestHash: column.asciiChar(64),
    /** JSON. */
    answer: column.hugeText(),
    createdAt: column.time().index('idempotency_created_at'),
  },
})
