import { z } from 'zod'
import { Id } from '../../common.ts'
import { actionType, floating } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { DouyinVideo, status, token } from '../surfaces/douyin.ts'

/** Douyin 7 and 8. */
export const likes = {
  action: route({
    method: 'POST',
    path: '/douyin/favorite/action/',
    summary: 'Like (action_type 1) or unlike (2) a video; parameters in query or form',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.write,
  })
    .input(z.object({ token, video_id: floating(Id), action_type: actionType({ '1': 'like', '2': 'unlike' }) }))
    .output(z.object(status)),
  list: route({
    method: 'GET',
    path: '/douyin/favorite/list/',
    summary: 'All videos that a user likes, the last liked first',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ user_id: floating(Id), token }))
    .output(z.object({ ...status, video_list: z.array(DouyinVideo) })),
}
