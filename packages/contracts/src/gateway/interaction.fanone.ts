import { z } from 'zod'
import { Id, Limit } from '../common.ts'
import { CommentText } from '../interaction.ts'
import { empty, envelope, FanoneVideo, id, time } from './fanone.models.ts'
import { actionType, blankable, decimal } from './parameters.ts'
import { rateLimits, route } from './route.ts'

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

const Paging = z.object({
  page_num: blankable(decimal(z.int().min(0).max(1_000_000))),
  page_size: blankable(decimal(Limit)),
})
const Target = z.object({ video_id: blankable(decimal(Id)), comment_id: blankable(decimal(Id)) })
const hasOneId = (input: z.infer<typeof Target>) => (input.video_id === undefined) !== (input.comment_id === undefined)
const oneId = 'exactly one of video_id and comment_id is needed'

/** FanOne 13 and 14. */
export const like = {
  action: route({
    method: 'POST',
    path: '/like/action',
    summary: 'Like (action_type 1) or like no longer (2) a video or a comment',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.write,
  })
    .input(Target.extend({ action_type: actionType({ '1': 'like', '2': 'unlike' }) }).refine(hasOneId, oneId))
    .output(empty),
  list: route({
    method: 'GET',
    path: '/like/list',
    summary: 'The videos that a user likes, the caller unless said otherwise; pages count from 0',
    tag: 'FanOne',
    access: 'optional',
    rateLimit: rateLimits.read,
  })
    .input(Paging.extend({ user_id: blankable(decimal(Id)) }))
    .output(envelope(z.object({ items: z.array(FanoneVideo) }))),
}

/** FanOne 15 to 17. */
export const comment = {
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
