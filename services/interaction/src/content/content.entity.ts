import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/**
 * Content of another service that can be liked and commented on, a projection of its owner's
 * events.
 */
export const ContentEntity = defineEntity({
  name: 'Content',
  tableName: 'content',
  properties: {
    kind: column.contentKind().primary(),
    id: column.id().primary(),
    authorId: column.id(),
    /** A deletion that is heard of first leaves its mark. */
    deletedAt: column.time().nullable(),
  },
})
export type ContentRow = InferEntity<typeof ContentEntity>
