import { z } from 'zod'
import { Id } from '../../common.ts'
import { Comment, CommentText } from '../../interaction.ts'
import { ContentCounters } from '../../stats.ts'
import { decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { ById, Paging, page, V1Author } from '../surfaces/v1.ts'

export const V1Comment = Comment.omit({ userId: true }).extend({
  author: V1Author,
  counters: ContentCounters.pick({ likes: true, comments: true }).meta({
    description: '`comments` counts the replies',
  }),
  isLiked: z.boolean().meta({ description: 'Whether the caller likes this comment; false without a token' }),
})
export type V1Comment = z.infer<typeof V1Comment>

const written = z.object({ id: decimal(Id), text: CommentText })

/** What people say about videos and to each other. */
export const comments = {
  list: route({
    method: 'GET',
    path: '/v1/videos/{id}/comments',
    summary: 'The comments on a video without the replies, newest first',
    tag: 'comments',
    access: 'optional',
    rateLimit: rateLimits.read,
    errors: ['video_not_found', 'malformed_cursor'],
  })
    .input(Paging.extend({ id: decimal(Id) }))
    .output(page(V1Comment)),
  create: route({
    method: 'POST',
    path: '/v1/videos/{id}/comments',
    summary: 'Comment on a video; send an Idempotency-Key to repeat safely',
    tag: 'comments',
    access: 'user',
    rateLimit: rateLimits.write,
    errors: ['video_not_found', 'sensitive_words', 'idempotency_key_reused'],
    successStatus: 201,
  })
    .input(written)
    .output(V1Comment),
  listReplies: route({
    method: 'GET',
    path: '/v1/comments/{id}/replies',
    summary: 'The replies to a comment, oldest first',
    tag: 'comments',
    access: 'optional',
    rateLimit: rateLimits.read,
    errors: ['comment_not_found', 'malformed_cursor'],
  })
    .input(Paging.extend({ id: decimal(Id) }))
    .output(page(V1Comment)),
  reply: route({
    method: 'POST',
    path: '/v1/comments/{id}/replies',
    summary: 'Reply to a comment, or below the same comment to a reply; send an Idempotency-Key to repeat safely',
    tag: 'comments',
    access: 'user',
    rateLimit: rateLimits.write,
    errors: ['comment_not_found', 'sensitive_words', 'idempotency_key_reused'],
    successStatus: 201,
  })
    .input(written)
    .output(V1Comment),
  delete: route({
    method: 'DELETE',
    path: '/v1/comments/{id}',
    summary: "Delete a comment of the caller, or on the caller's content, with its replies",
    tag: 'comments',
    access: 'user',
    rateLimit: rateLimits.write,
    errors: ['comment_not_found', 'forbidden'],
    successStatus: 204,
  })
    .input(ById)
    .output(z.void()),
}
