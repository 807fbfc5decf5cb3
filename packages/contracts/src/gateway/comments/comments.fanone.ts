import { z } from 'zod'
import { Id } from '../../common.ts'
import { CommentText } from '../../interaction.ts'
import { blankable, decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { empty, envelope, hasOneId, id, oneId, Paging, Target, time } from '../surfaces/fanone.ts'

export const FanoneComment = z.object({
  id,
  user_id: id,
  video_id: id,
  parent_id: z.string(),
  like_count: z.int(),
  child_count: z.int(),
  content: z.string(),
  created_at: time,
  updated_at: time,
  deleted_at: time,
})
export type FanoneComment = z.infer<typeof FanoneComment>

/** FanOne 15 to 17. */
export const comments = {
  publish: route({
    method: 'POST',
    path: '/comment/publish',
    summary: 'Comment on a video, or reply to a comment',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.write,
  })
    .input(Target.extend({ content: CommentText }).refine(hasOneId, oneId))
    .output(empty),
  list: route({
    method: 'GET',
    path: '/comment/list',
    summary: 'The comments on a video, newest first, or the replies to a comment, oldest first; pages count from 0',
    tag: 'FanOne',
    access: 'public',
    rateLimit: rateLimits.read,
  })
    .input(Target.extend(Paging.shape).refine(hasOneId, oneId))
    .output(envelope(z.object({ items: z.array(FanoneComment) }))),
  delete: route({
    method: 'DELETE',
    path: '/comment/delete',
    summary: "Delete one's own comment with its replies; parameters in query or form",
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.write,
  })
    .input(z.object({ comment_id: decimal(Id), video_id: blankable(decimal(Id)) }))
    .output(empty),
}
