import { defineEntity } from '@mikro-orm/core'
import { column } from './columns.ts'

/** Which process makes ids with a worker number, and until when. */
export const WorkerLeaseEntity = defineEntity({
  name: 'WorkerLease',
  tableName: 'worker_lease',
  properties: {
    worker: column.tinyInteger().primary(),
    /** A UUID that the process made. */
    owner: column.asciiChar(36),
    expiresAt: column.time(),
  },
})
