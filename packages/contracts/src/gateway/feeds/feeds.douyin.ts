import { z } from 'zod'
import { blankable, floating } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { DouyinVideo, status, token } from '../surfaces/douyin.ts'

/** Not `z.int()`, which refuses times of 17 digits and more. */
const wholeTime = z.number().min(0).refine(Number.isInteger)

/**
 * Below 10^11 seconds, else ms. 0 and nothing mean now, and so does what clients send for nothing:
 * `null`, or a time of 14 digits and more.
 */
const latestTime = blankable(
  floating(
    z
      .union([wholeTime, z.literal('null')], 'must be a time in ms or seconds')
      .transform((time) => (time === 'null' || time >= 1e13 ? 0 : time)),
  ),
)

/** Douyin 1. */
export const feeds = {
  newest: route({
    method: 'GET',
    path: '/douyin/feed/',
    summary: 'At most 30 videos created before latest_time, newest first',
    tag: 'Douyin',
    access: 'optional',
    rateLimit: rateLimits.feed,
  })
    .input(z.object({ latest_time: latestTime, token: token.optional() }))
    .output(z.object({ ...status, video_list: z.array(DouyinVideo), next_time: z.int() })),
}
