import { z } from 'zod'
import { blankable } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { envelope, FanoneVideo, Paging } from '../surfaces/fanone.ts'

/** 13 digits of ms; `0` and nothing mean from the beginning. */
const latestTime = blankable(
  z
    .string()
    .regex(/^(0+|\d{13})$/, 'must be 13 digits')
    .transform(Number),
)

/** FanOne 8 and 11. Popular videos page by number like lists, but have no total. */
export const feeds = {
  newest: route({
    method: 'GET',
    path: '/video/feed/',
    summary: 'Videos created after latest_time; the newest ones without it',
    tag: 'FanOne',
    access: 'public',
    rateLimit: rateLimits.feed,
  })
    .input(z.object({ latest_time: latestTime }))
    .output(envelope(z.object({ items: z.array(FanoneVideo) }))),
  popular: route({
    method: 'GET',
    path: '/video/popular',
    summary: 'The most visited videos of all times; pages count from 0',
    tag: 'FanOne',
    access: 'public',
    rateLimit: rateLimits.feed,
  })
    .input(Paging)
    .output(envelope(z.object({ items: z.array(FanoneVideo) }))),
}
