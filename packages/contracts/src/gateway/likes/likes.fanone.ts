import { z } from 'zod'
import { Id } from '../../common.ts'
import { actionType, blankable, decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { empty, envelope, FanoneVideo, hasOneId, oneId, Paging, Target } from '../surfaces/fanone.ts'

/** FanOne 13 and 14. */
export const likes = {
  action: route({
    method: 'POST',
    path: '/like/action',
    summary: 'Like (action_type 1) or unlike (2) a video or a comment',
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
