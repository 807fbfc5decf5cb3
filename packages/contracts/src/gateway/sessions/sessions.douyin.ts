import { Credentials } from '../../credentials.ts'
import { rateLimits, route } from '../route.ts'
import { SignedIn } from '../surfaces/douyin.ts'

/** Douyin 3. */
export const sessions = {
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
}
