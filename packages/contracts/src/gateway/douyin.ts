import { z } from 'zod'
import { Id } from '../common.ts'
import { Credentials, Password, Username } from '../user.ts'
import { Title } from '../video.ts'
import { DouyinUser, DouyinVideo, status, token } from './douyin.models.ts'
import { comment, favorite } from './interaction.douyin.ts'
import { blankable, decimal } from './parameters.ts'
import { relation } from './relation.douyin.ts'
import { rateLimits, route } from './route.ts'

/** This API allows passwords of 32 characters, not of 64. */
const DouyinPassword = Password.refine((value) => [...value].length <= 32, {
  message: 'must be at most 32 characters',
  params: { rule: 'tooLong' },
}).meta({ minLength: 6, maxLength: 32 })

/** Below 10^11 seconds, else ms; 0 and nothing mean now. */
const latestTime = blankable(
  z
    .string()
    .regex(/^\d{1,13}$/, 'must be a time in ms or seconds')
    .transform(Number),
)

const SignedIn = z.object({ ...status, user_id: z.int(), token: z.string() })

const user = {
  register: route({
    method: 'POST',
    path: '/douyin/user/register/',
    summary: 'Register and log in; parameters in query or form',
    tag: 'Douyin',
    access: 'public',
    rateLimit: rateLimits.credentials,
  })
    .input(z.object({ username: Username, password: DouyinPassword }))
    .output(SignedIn),
  logIn: route({
    method: 'POST',
    path: '/douyin/user/login/',
    summary: 'Log in; parameters in query or form',
    tag: 'Douyin',
    access: 'public',
    rateLimit: rateLimits.credentials,
  })
    .input(Credentials)
    .output(SignedIn),
  get: route({
    method: 'GET',
    path: '/douyin/user/',
    summary: 'One user, the caller unless said otherwise',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ user_id: blankable(decimal(Id)), token }))
    .output(z.object({ ...status, user: DouyinUser })),
}

const feed = route({
  method: 'GET',
  path: '/douyin/feed/',
  summary: 'At most 30 videos created before latest_time, newest first',
  tag: 'Douyin',
  access: 'optional',
  rateLimit: rateLimits.feed,
})
  .input(z.object({ latest_time: latestTime, token: token.optional() }))
  .output(z.object({ ...status, video_list: z.array(DouyinVideo), next_time: z.int() }))

const publish = {
  action: route({
    method: 'POST',
    path: '/douyin/publish/action/',
    summary: 'Publish a video in one request; the token may come before or after the file',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.upload,
  })
    .input(z.object({ token, title: Title, data: z.file() }))
    .output(z.object(status)),
  list: route({
    method: 'GET',
    path: '/douyin/publish/list/',
    summary: 'All videos of one author, newest first',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ user_id: decimal(Id), token }))
    .output(z.object({ ...status, video_list: z.array(DouyinVideo) })),
}

/** The Douyin API: HTTP 200 always, errors by `status_code`. */
export const douyinContract = { feed, user, publish, favorite, comment, relation }
