import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** That one user follows, or followed, another. The row stays when it ends, so that its version goes on. */
export const FollowEntity = defineEntity({
  name: 'Follow',
  tableName: 'follow',
  properties: {
    followerId: p.bigint('number').primary(),
    followeeId: p.bigint('number').primary(),
    /** An id made when the follow began last: the order of all lists. */
    position: p.bigint('number'),
    isActive: p.boolean(),
    /** One more with every change; 0 only inside the transaction that makes the row. */
    version: p.integer(),
    changedAt: p.datetime(3),
  },
})
export type FollowRow = InferEntity<typeof FollowEntity>
