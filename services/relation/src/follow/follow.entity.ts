import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** A present or former follow. The row stays after its end, so that its version continues. */
export const FollowEntity = defineEntity({
  name: 'Follow',
  tableName: 'follow',
  properties: {
    followerId: column.id().primary(),
    followeeId: column.id().primary(),
    /** An id made when the follow began last: the order of all lists. */
    position: column.id(),
    isActive: column.flag(),
    /** One more with every change. */
    version: column.integer(),
    changedAt: column.time(),
    changedBy: column.marks(),
  },
  indexes: [
    { name: 'follow_following', properties: ['followerId', 'isActive', 'position'] },
    { name: 'follow_followers', properties: ['followeeId', 'isActive', 'position'] },
  ],
})
export type FollowRow = InferEntity<typeof FollowEntity>
