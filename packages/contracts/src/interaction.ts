import { z } from 'zod'
import { Cursor, Empty, Id, IdBatch, Instant, ListLimit } from './common.ts'
import { ContentKind, ContentRef } from './content.ts'
import { Profile } from './credentials.ts'
import { defineEvent } from './event.ts'
import { orText } from './json-text.ts'
import { operation } from './operation.ts'
import { ContentCounters } from './stats.ts'
import { text } from './text.ts'

export const CommentText = text({ min: 1, max: 1000 })

/** `parentId` is the comment that is replied to, null for a comment on the content itself. */
export const Comment = z
  .object({
    id: Id,
    kind: ContentKind,
    contentId: Id,
    parentId: Id.nullable(),
    userId: Id,
    text: z.string(),
    createdAt: Instant,
  })
  .meta({ id: 'Comment' })
export type Comment = z.infer<typeof Comment>

/**
 * Identifies an anonymous visitor: a keyed hash of the address in hex, so that no address is
 * stored.
 */
export const VisitorHash = z.string().regex(/^[0-9a-f]{32}$/)

const Changed = z.object({ changed: z.boolean() })
/**
 * A page begins after the cursor, or after so many items, for the APIs that page by number. Without
 * a viewer nothing is liked.
 */
const Paging = z.object({
  cursor: Cursor.optional(),
  offset: z.int().min(0).default(0),
  limit: ListLimit,
  viewerId: Id.optional(),
})

/** A comment as a list shows it to a viewer; `comments` counts the replies. */
export const ListedComment = Comment.extend({
  counters: ContentCounters.pick({ likes: true, comments: true }),
  isLiked: z.boolean(),
})
export type ListedComment = z.infer<typeof ListedComment>

/**
 * A long page may end before its limit, at a million characters. `authors` has each user who wrote
 * one of the comments, except those who do not exist or cannot be asked for.
 */
const CommentPage = z.object({
  items: z.array(ListedComment),
  authors: z.array(Profile),
  nextCursor: Cursor.nullable(),
})
export type CommentPage = z.infer<typeof CommentPage>
/** An entry of a list of likes; `isLiked` tells whether the viewer likes it too. */
const LikedContent = z.object({ contentId: Id, likedAt: Instant, isLiked: z.boolean() })
export type LikedContent = z.infer<typeof LikedContent>

const Walk = z.object({ afterId: z.int().min(0), limit: z.int().min(1).max(500) })

const likes = {
  /**
   * Needs identity. `changed` is false for what was liked already. Errors: `video_not_found`,
   * `comment_not_found`, `not_found`.
   */
  like: operation('likes.like', { idempotency: 'keyed', input: z.object({ target: ContentRef }), output: Changed }),
  /** Needs identity. `changed` is false for what was not liked. Errors: as `like`. */
  unlike: operation('likes.unlike', {
    idempotency: 'keyed',
    input: z.object({ target: ContentRef }),
    output: Changed,
  }),
  /** Which of these contents a user likes. */
  flags: operation('likes.flags', {
    idempotency: 'safe',
    input: z.object({ userId: Id, kind: ContentKind, ids: IdBatch }),
    output: z.object({ liked: z.array(Id) }),
  }),
  /** What a user likes, the last liked first. Errors: `malformed_cursor`. */
  listByUser: operation('likes.listByUser', {
    idempotency: 'safe',
    input: Paging.extend({ userId: Id, kind: ContentKind }),
    output: z.object({
      items: z.array(LikedContent),
      nextCursor: Cursor.nullable(),
    }),
  }),
  /**
   * All likes in a stable order, for rebuilding counters; continue after the `id` of the last item.
   */
  walk: operation('likes.walk', {
    idempotency: 'safe',
    timeoutMs: 10_000,
    input: Walk,
    output: z.object({
      items: z.array(z.object({ id: Id, kind: ContentKind, contentId: Id, authorId: Id, userId: Id })),
    }),
  }),
}

const comments = {
  /**
   * Comments on content, or replies to a comment. A reply to a reply is placed below the same
   * comment. Needs identity. Errors: `video_not_found`, `comment_not_found`, `not_found`,
   * `sensitive_words`.
   */
  create: operation('comments.create', {
    idempotency: 'keyed',
    input: z.object({ target: ContentRef, text: CommentText }),
    output: Comment,
  }),
  /**
   * Deletes a comment with its replies and likes. Needs the identity of the comment's author or,
   * unless `onlyOwn`, of the content's author. Errors: `comment_not_found`, `forbidden`.
   */
  delete: operation('comments.delete', {
    idempotency: 'keyed',
    input: z.object({ id: Id, onlyOwn: z.boolean().default(false) }),
    output: Empty,
  }),
  /**
   * The comments on content without replies, newest first. Errors: `malformed_cursor`,
   * `video_not_found`, `not_found`.
   */
  list: operation('comments.list', {
    idempotency: 'safe',
    input: Paging.extend({ target: ContentRef }),
    output: orText(CommentPage),
  }),
  /** The replies to a comment, oldest first. Errors: `malformed_cursor`, `comment_not_found`. */
  replies: operation('comments.replies', {
    idempotency: 'safe',
    input: Paging.extend({ commentId: Id }),
    output: orText(CommentPage),
  }),
  /** Comments that are not deleted, those of hidden users too. */
  getMany: operation('comments.getMany', {
    idempotency: 'safe',
    input: z.object({ ids: IdBatch }),
    output: z.object({ items: z.array(Comment) }),
  }),
  /** Every comment in id order, for rebuilding counters; `authorId` wrote the content. */
  walk: operation('comments.walk', {
    idempotency: 'safe',
    timeoutMs: 10_000,
    input: Walk,
    output: z.object({ items: z.array(Comment.omit({ text: true, createdAt: true }).extend({ authorId: Id })) }),
  }),
}

/** Where a walk over visits stands: content and hour of the last item. */
const VisitPosition = z.object({ contentId: Id, hour: Instant })

const visits = {
  /**
   * Counts a visit, at most one in ten minutes per viewer and content. The viewer is the caller,
   * else `visitor`. Errors: `video_not_found`, `not_found`; `invalid_input` without both.
   */
  record: operation('visits.record', {
    idempotency: 'keyed',
    input: z.object({ target: ContentRef, visitor: VisitorHash.optional() }),
    output: z.object({ counted: z.boolean() }),
  }),
  /** Visits by content and hour, for rebuilding counters and rankings. */
  walk: operation('visits.walk', {
    idempotency: 'safe',
    timeoutMs: 10_000,
    input: z.object({ kind: ContentKind, after: VisitPosition.optional(), limit: z.int().min(1).max(500) }),
    output: z.object({
      items: z.array(VisitPosition.extend({ kind: ContentKind, authorId: Id, visits: z.int().positive() })),
    }),
  }),
}

export const interactionContract = { likes, comments, visits }

/** The liker, the content and its author: enough to count without further calls. */
const Like = z.object({ kind: ContentKind, contentId: Id, authorId: Id, userId: Id, at: Instant })

/**
 * Likes are ordered by user and content: a user's like and unlike of one thing come in turn, while
 * the likes of many users, which are only added up, need no order, however hot the content is.
 */
const byLike = {
  orderedBy: ({ userId, kind, contentId }: z.infer<typeof Like>) => `${userId}:${kind}:${contentId}`,
  kindOf: ({ kind }: z.infer<typeof Like>) => kind,
}

export const contentLiked = defineEvent('content.liked', 1, Like, byLike)
/** Also sent for every like of content that is deleted. */
export const contentUnliked = defineEvent('content.unliked', 1, Like, byLike)

/**
 * `parentId` is the comment that is replied to, null for a comment on the content itself;
 * `authorId` wrote the content.
 */
const CommentFacts = z.object({
  commentId: Id,
  kind: ContentKind,
  contentId: Id,
  authorId: Id,
  parentId: Id.nullable(),
  userId: Id,
  at: Instant,
})

/** Ordered by comment: each begins and ends once, and others come and go without it. */
const byComment = {
  orderedBy: ({ commentId }: z.infer<typeof CommentFacts>) => commentId,
  kindOf: ({ kind, parentId }: z.infer<typeof CommentFacts>) => (parentId === null ? kind : 'comment'),
}

export const commentCreated = defineEvent('comment.created', 1, CommentFacts, byComment)
/** Also sent for every reply to a comment, and every comment on content, that is deleted. */
export const commentDeleted = defineEvent('comment.deleted', 1, CommentFacts, byComment)

/**
 * One visit that counts: the first of a viewer in ten minutes. In no order: visits are added up and
 * never taken back.
 */
export const contentVisited = defineEvent(
  'content.visited',
  1,
  z.object({ kind: ContentKind, contentId: Id, authorId: Id, at: Instant }),
  { orderedBy: 'nothing', kindOf: ({ kind }) => kind },
)
