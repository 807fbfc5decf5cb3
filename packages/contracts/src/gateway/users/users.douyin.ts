import { z } from 'zod'
import { Id } from '../../common.ts'
import { AnyUsername } from '../../credentials.ts'
import { blankable, floating } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { DouyinPassword, DouyinUser, SignedIn, status, token } from '../surfaces/douyin.ts'

/** Douyin 2 and 4. */
export const users = {
  register: route({
    method: 'POST',
    path: '/douyin/user/register/',
    summary: 'Register and log in; parameters in query or form',
    tag: 'Douyin',
    access: 'public',
    rateLimit: rateLimits.credentials,
  })
    .input(z.object({ username: AnyUsername, password: DouyinPassword }))
    .output(SignedIn),
  get: route({
    method: 'GET',
    path: '/douyin/user/',
    summary: 'One user, the caller unless said otherwise',
    tag: 'Douyin',
    access: 'user',
    rateLimit: rateLimits.read,
  })
    .input(z.object({ user_id: blankable(floating(Id)), token }))
    .output(z.object({ ...status, user: DouyinUser })),
}
