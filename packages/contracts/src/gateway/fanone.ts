import { z } from 'zod'
import { Id, Limit, text } from '../common.ts'
import { Credentials, Password, Username } from '../user.ts'
import { Description, Title } from '../video.ts'
import { empty, envelope, FanoneUser, FanoneVideo } from './fanone.models.ts'
import { comment, like } from './interaction.fanone.ts'
import { blankable, decimal } from './parameters.ts'
import { relation } from './relation.fanone.ts'
import { rateLimits, route } from './route.ts'

/** 13 digits of ms; `0` and nothing mean from the beginning. */
const latestTime = blankable(
  z
    .string()
    .regex(/^(0+|\d{13})$/, 'must be 13 digits')
    .transform(Number),
)

/** 13 digits of ms; nothing means no bound. */
const instant = blankable(
  z
    .string()
    .regex(/^\d{13}$/, 'must be 13 digits')
    .transform(Number),
)

const user = {
  register: route({
    method: 'POST',
    path: '/user/register',
    summary: 'Register',
    tag: 'FanOne',
    access: 'public',
    rateLimit: rateLimits.credentials,
  })
    .input(z.object({ username: Username, password: Password }))
    .output(empty),
  logIn: route({
    method: 'POST',
    path: '/user/login',
    summary: 'Log in; the tokens are in the headers Access-Token and Refresh-Token',
    tag: 'FanOne',
    access: 'public',
    rateLimit: rateLimits.credentials,
  })
    .input(Credentials.extend({ code: z.string().max(20).optional() }))
    .output(envelope(FanoneUser)),
  info: route({
    method: 'GET',
    path: '/user/info',
    summary: 'One user, the caller unless said otherwise',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ user_id: blankable(decimal(Id)) }))
    .output(envelope(FanoneUser)),
}

const video = {
  feed: route({
    method: 'GET',
    path: '/video/feed/',
    summary: 'Videos created after latest_time; the newest ones without it',
    tag: 'FanOne',
    access: 'public',
    rateLimit: rateLimits.feed,
  })
    .input(z.object({ latest_time: latestTime }))
    .output(envelope(z.object({ items: z.array(FanoneVideo) }))),
  publish: route({
    method: 'POST',
    path: '/video/publish',
    summary: 'Publish a video in one request',
    tag: 'FanOne',
    access: 'user',
    rateLimit: rateLimits.upload,
  })
    .input(z.object({ title: Title, description: Description, data: z.file() }))
    .output(empty),
  list: route({
    method: 'GET',
    path: '/video/list',
    summary: 'The videos of one author, newest first; pages count from 0',
    tag: 'FanOne',
    access: 'public',
    rateLimit: rateLimits.read,
  })
    .input(
      z.object({ user_id: decimal(Id), page_num: decimal(z.int().min(0).max(1_000_000)), page_size: decimal(Limit) }),
    )
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
      z.object({
        keywords: text({ max: 100 }),
        page_size: decimal(Limit),
        page_num: decimal(z.int().min(0).max(1_000_000)),
        from_date: instant,
        to_date: instant,
        username: text({ max: 100 }).optional(),
      }),
    )
    .output(envelope(z.object({ items: z.array(FanoneVideo), total: z.int() }))),
}

/** Popular videos page by number like lists, but have no total. */
const popular = route({
  method: 'GET',
  path: '/video/popular',
  summary: 'The most visited videos of all times; pages count from 0',
  tag: 'FanOne',
  access: 'public',
  rateLimit: rateLimits.feed,
})
  .input(
    z.object({
      page_num: blankable(decimal(z.int().min(0).max(1_000_000))),
      page_size: blankable(decimal(Limit)),
    }),
  )
  .output(envelope(z.object({ items: z.array(FanoneVideo) })))

/** The FanOne API: HTTP 200 always, errors by `base.code`. */
export const fanoneContract = { user, video: { ...video, popular }, like, comment, relation }
