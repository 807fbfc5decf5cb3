import { z } from 'zod'
import { Id } from '../../common.ts'
import { text } from '../../text.ts'
import { decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { envelope, FanoneVideo, instant, RequiredPaging } from '../surfaces/fanone.ts'

/** FanOne 10 and 12. */
export const videos = {
  list: route({
    method: 'GET',
    path: '/video/list',
    summary: 'The videos of one author, newest first; pages count from 0',
    tag: 'FanOne',
    access: 'public',
    rateLimit: rateLimits.read,
  })
    .input(RequiredPaging.extend({ user_id: decimal(Id) }))
    .output(envelope(z.object({ items: z.array(FanoneVideo), total: z.int() }))),
  search: route({
    method: 'POST',
    path: '/video/search',
    summary: 'Videos that fulfil every given condition, newest first; keywords may be empty, pages count from 0',
    tag: 'FanOne',
    access: 'public',
    rateLimit: rateLimits.read,
  })
    .input(
      RequiredPaging.extend({
        keywords: text({ max: 100 }),
        from_date: instant,
        to_date: instant,
        username: text({ max: 100 }).optional(),
      }),
    )
    .output(envelope(z.object({ items: z.array(FanoneVideo), total: z.int() }))),
}
