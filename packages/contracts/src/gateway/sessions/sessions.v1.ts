import { z } from 'zod'
import { Credentials, MfaCode } from '../../credentials.ts'
import { SessionId, SessionSummary } from '../../user.ts'
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
    inCookie: true,
    errors: ['forbidden', 'wrong_credentials', 'account_banned', 'mfa_code_missing', 'mfa_code_invalid'],
    successStatus: 201,
  })
    .input(Credentials.extend({ code: MfaCode.optional() }))
    .output(V1Session),
  refresh: route({
    method: 'POST',
    path: '/v1/sessions/refresh',
    summary: 'Swap a refresh token, which can be used once, for a new pair of tokens',
    tag: 'sessions',
    access: 'public',
    rateLimit: rateLimits.credentials,
    inCookie: true,
    errors: ['refresh_token_invalid', 'forbidden'],
  })
    .input(
      z.object({
        refreshToken: z.string().min(1).max(500).optional().meta({
          description: 'Left out by pages of our own, whose cookie has it (`Session-Storage: cookie`)',
        }),
      }),
    )
    .output(V1Session),
  logOut: route({
    method: 'DELETE',
    path: '/v1/sessions/current',
    summary: "End the caller's session",
    tag: 'sessions',
    access: 'user',
    rateLimit: rateLimits.write,
    inCookie: true,
    errors: ['forbidden'],
    successStatus: 204,
  }).output(z.void()),
  list: route({
    method: 'GET',
    path: '/v1/sessions',
    summary: "The caller's sessions, the last used first",
    tag: 'sessions',
    access: 'user',
    rateLimit: rateLimits.read,
  }).output(z.object({ items: z.array(SessionSummary) })),
  end: route({
    method: 'DELETE',
    path: '/v1/sessions/{id}',
    summary: "End one of the caller's sessions; its tokens are refused everywhere within 5 seconds",
    tag: 'sessions',
    access: 'user',
    rateLimit: rateLimits.write,
    errors: ['session_not_found'],
    successStatus: 204,
  })
    .input(z.object({ id: SessionId }))
    .output(z.void()),
  endOthers: route({
    method: 'DELETE',
    path: '/v1/sessions/others',
    summary: "End all of the caller's sessions but this one",
    tag: 'sessions',
    access: 'user',
    rateLimit: rateLimits.write,
    successStatus: 204,
  }).output(z.void()),
}
