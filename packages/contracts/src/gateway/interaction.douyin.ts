import { z } from 'zod'
import { Id } from '../common.ts'
import { CommentText } from '../interaction.ts'
import { DouyinUser, DouyinVideo, status, token } from './douyin.models.ts'
import { actionType, blankable, decimal } from './parameters.ts'
import { rateLimits, route } from './route.ts'

export const DouyinComment = z.object({
  id: Id,
  user: DouyinUser,
  content: z.string(),
  /** `mm-dd` */
  create_date: z.string().regex(/^\d\d-\d\d$/),
})
export type DouyinComment = z.infer<typeof DouyinComment>

/** Douyin 7 and 8. */
export const favorite = {
  action: route({
    method: 'POST',
    path: '/douyin/favorite/action/',
    summary: 'Like (action_type 1) or like no longer (2) a video; parameters in query or form',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.write,
  })
    .input(z.object({ token, video_id: decimal(Id), action_type: actionType({ '1': 'like', '2': 'unlike' }) }))
    .output(z.object(status)),
  list: route({
    method: 'GET',
    path: '/douyin/favorite/list/',
    summary: 'All videos that a user likes, the last liked first',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ user_id: decimal(Id), token }))
    .output(z.object({ ...status, video_list: z.array(DouyinVideo) })),
}

/** Douyin 9 and 10. */
export const comment = {
  action: route({
    method: 'POST',
    path: '/douyin/comment/action/',
    summary: 'Comment on a video (action_type 1, comment_text) or delete a comment (2, comment_id)',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.write,
  })
    .input(
      z.object({
        token,
        video_id: decimal(Id),
        action_type: actionType({ '1': 'publish', '2': 'delete' }),
        comment_text: blankable(CommentText),
        comment_id: blankable(decimal(Id)),
      }),
    )
    .output(z.object({ ...status, comment: DouyinComment.optional() })),
  list: route({
    method: 'GET',
    path: '/douyin/comment/list/',
    summary: 'All comments on a video, newest first',
    tag: 'Douyin',
    access: 'optional',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ video_id: decimal(Id), token: token.optional() }))
    .output(z.object({ ...status, comment_list: z.array(DouyinComment) })),
}
