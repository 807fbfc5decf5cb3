import { z } from 'zod'
import { Id } from '../../common.ts'
import { Password, Username } from '../../credentials.ts'
import { blankable, decimal } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { empty, envelope, FanoneUser } from '../surfaces/fanone.ts'

/** FanOne 1 and 3. */
export const users = {
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
