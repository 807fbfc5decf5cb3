import { column } from '@fanone/service-kit'
import { defineEntity } from '@mikro-orm/core'

/**
 * What stats has counted of a comment. A table of its own, so that who likes or answers a comment,
 * and locks it, does not wait for its counters.
 */
export const CommentCountersEntity = defineEntity({
  name: 'CommentCounters',
  tableName: 'comment_counters',
  properties: {
    id: column.id().primary(),
    version: column.id(),
    likes: column.integer(),
    replies: column.integer(),
  },
})
