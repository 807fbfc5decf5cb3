import { z } from 'zod'
import { Id, Instant } from './common.ts'
import { ContentKind } from './content.ts'
import { defineEvent } from './event.ts'

/** Who liked what of whom: enough to count without asking anybody. */
const Like = z.object({ kind: ContentKind, contentId: Id, authorId: Id, userId: Id, at: Instant })

export const contentLiked = defineEvent('content.liked', 1, Like)
/** Also sent for every like of content that is deleted. */
export const contentUnliked = defineEvent('content.unliked', 1, Like)

/** `parentId` is the comment that is replied to, null for a comment on the content itself; `authorId` wrote the content. */
const CommentFacts = z.object({
  commentId: Id,
  kind: ContentKind,
  contentId: Id,
  authorId: Id,
  parentId: Id.nullable(),
  userId: Id,
  at: Instant,
})

export const commentCreated = defineEvent('comment.created', 1, CommentFacts)
/** Also sent for every reply to a comment, and every comment on content, that is deleted. */
export const commentDeleted = defineEvent('comment.deleted', 1, CommentFacts)

/** One visit that counts: the first of a viewer in ten minutes. */
export const contentVisited = defineEvent(
  'content.visited',
  1,
  z.object({ kind: ContentKind, contentId: Id, authorId: Id, at: Instant }),
)
