import { Credentials, MfaCode } from '../../credentials.ts'
import { blankable } from '../parameters.ts'
import { rateLimits, route } from '../route.ts'
import { envelope, FanoneUser } from '../surfaces/fanone.ts'

/** FanOne 2. */
export const sessions = {
  logIn: route({
    method: 'POST',
    path: '/user/login',
    summary: 'Log in; the tokens are in the headers Access-Token and Refresh-Token',
    tag: 'FanOne',
    access: 'public',
    rateLimit: rateLimits.credentials,
  })
    .input(Credentials.extend({ code: blankable(MfaCode) }))
    .output(envelope(FanoneUser)),
}
