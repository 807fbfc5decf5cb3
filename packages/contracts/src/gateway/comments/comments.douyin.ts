import { z } from 'zod'
import { Id } from '../../common.ts'
import { CommentText } from '../../interaction.ts'
import { actionType, blankable, floating } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { DouyinUser, status, token } from '../surfaces/douyin.ts'

export const DouyinComment = z.object({
  id: Id,
  user: DouyinUser,
  content: z.string(),
  /** `mm-dd` */
  create_date: z.string().regex(/^\d\d-\d\d$/),
})
export type DouyinComment = z.infer<typeof DouyinComment>

/** Douyin 9 and 10. */
export const comments = {
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
        video_id: floating(Id),
        action_type: actionType({ '1': 'publish', '2': 'delete' }),
        comment_text: blankable(CommentText),
        comment_id: blankable(floating(Id)),
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
    .input(z.object({ video_id: floating(Id), token: token.optional() }))
    .output(z.object({ ...status, comment_list: z.array(DouyinComment) })),
}
