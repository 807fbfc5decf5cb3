import { column } from '@fanone/service-kit'
import { defineEntity } from '@mikro-orm/core'

/** Deleted content whose likes and comments are not all deleted yet. Written with the deletion. */
export const EndedContentEntity = defineEntity({
  name: 'EndedContent',
  tableName: 'ended_content',
  properties: {
    kind: column.contentKind().primary(),
    id: column.id().primary(),
  },
})
