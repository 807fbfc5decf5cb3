import { column } from '@fanone/service-kit'
import { defineEntity, type InferEntity } from '@mikro-orm/core'

/** A comment on content, or a reply to one. */
export const CommentEntity = defineEntity({
  name: 'Comment',
  tableName: 'comment',
  properties: {
    id: column.id().primary(),
    kind: column.contentKind(),
    contentId: column.id(),
    /** The author of the content. */
    authorId: column.id(),
    /** The comment that is replied to; 0 for a comment on the content itself. */
    parentId: column.id(),
    /** The author of the comment. */
    userId: column.id(),
    text: column.text(1000),
    deletedAt: column.time().nullable(),
    deletedBy: column.marks(),
  },
  indexes: [{ name: 'comment_of_content', properties: ['kind', 'contentId', 'deletedAt', 'parentId', 'id'] }],
})
export type CommentRow = InferEntity<typeof CommentEntity>
