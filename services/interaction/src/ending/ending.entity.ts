import { column } from '@fanone/service-kit'
import { defineEntity } from '@mikro-orm/core'

/** Content that was deleted and whose likes and comments have not all ended. Written with the deletion. */
export const EndedContentEntity = defineEntity({
  name: 'EndedContent',
  tableName: 'ended_content',
  properties: {
    kind: column.contentKind().primary(),
    id: column.id().primary(),
  },
})
