import { z } from 'zod'
import { Id } from '../../common.ts'
import { floating } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { DouyinVideo, status, token } from '../surfaces/douyin.ts'

/** Douyin 6. */
export const videos = {
  list: route({
    method: 'GET',
    path: '/douyin/publish/list/',
    summary: 'All videos of one author, newest first',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ user_id: floating(Id), token }))
    .output(z.object({ ...status, video_list: z.array(DouyinVideo) })),
}
