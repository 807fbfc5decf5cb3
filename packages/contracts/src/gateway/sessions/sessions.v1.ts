import { z } from 'zod'
import { Credentials } from '../../user.ts'
import { rateLimits, route } from '../route.ts'
import { V1Session } from '../surfaces/v1.ts'

/** Logging in and out. */
export const sessions = {
  logIn: route({
    method: 'POST',
    path: '/v1/sessions',
    summary: 'Log in',
    tag: 'sessions',
    access: 'public',
    rateLimit: rateLimits.credentials,
    errors: ['wrong_credentials'],
    successStatus: 201,
  })
    .input(Credentials)
    .output(V1Session),
  refresh: route({
    method: 'POST',
    path: '/v1/sessions/refresh',
    summary: 'Swap a refresh token, which can be used once, for a new pair of tokens',
    tag: 'sessions',
    access: 'public',
    rateLimit: rateLimits.credentials,
    errors: ['refresh_token_invalid'],
  })
    .input(z.object({ refreshToken: z.string().min(1).max(500) }))
    .output(V1Session),
  logOut: route({
    method: 'DELETE',
    path: '/v1/sessions/current',
    summary: "End the caller's session",
    tag: 'sessions',
    access: 'user',
    rateLimit: rateLimits.write,
    successStatus: 204,
  }).output(z.void()),
}
