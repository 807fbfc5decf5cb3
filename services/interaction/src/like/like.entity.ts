import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** That a user likes something, or once did: a like that is taken back keeps its row. */
export const LikeEntity = defineEntity({
  name: 'Like',
  tableName: 'content_like',
  properties: {
    id: column.id().primary(),
    kind: column.contentKind(),
    contentId: column.id(),
    /** The author of the content. */
    authorId: column.id(),
    userId: column.id(),
    /** A new id with every like, so it has the time; null while not liked. */
    likedId: column.id().nullable(),
    changedBy: column.marks(),
  },
  uniques: [{ name: 'content_like_once', properties: ['kind', 'contentId', 'userId'] }],
  indexes: [{ name: 'content_like_by_user', properties: ['userId', 'kind', 'likedId'] }],
})
export type LikeRow = InferEntity<typeof LikeEntity>
