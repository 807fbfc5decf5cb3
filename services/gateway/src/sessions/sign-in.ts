import type { SignedIn } from '@fanone/contracts'
import type { Request } from 'express'
import type { Client } from '../calls/client.ts'
import { originOf } from '../http/session-origin.ts'
import type { HashBound } from '../limits/hash-bound.ts'
import { hashedKey, type RateLimiter } from '../limits/rate-limiter.ts'

const LOG_IN_LIMIT = { points: 10, windowSeconds: 60, scope: 'cluster' } as const

interface LogIn {
  username: string
  password: string
  code?: string | undefined
  wantsLastingToken?: boolean
}

/** Logging in and staying logged in, the same for all surfaces. */
export interface SignIn {
  /**
   * Guessing one user's password is limited per address, whichever API is used for it.
   *
   * @throws ServiceError `wrong_credentials`, `mfa_code_missing`, `mfa_code_invalid`,
   *   `too_many_requests`
   */
  logIn: (credentials: LogIn, request: Request) => Promise<SignedIn>
  /**
   * Derives one key from each refresh token: concurrent requests with the same token get the same
   * new pair, and only a use without this key counts as reuse.
   *
   * @throws ServiceError `refresh_token_invalid`
   */
  refresh: (refreshToken: string, request: Request) => Promise<SignedIn>
}

export function createSignIn(options: { user: Client<'user'>; rates: RateLimiter; hashes: HashBound }): SignIn {
  const { user, rates, hashes } = options
  return {
    logIn: async (credentials, request) => {
      const client = hashedKey(String(request.ip), credentials.username.trim().normalize('NFKC').toLowerCase())
      await rates.consume('log in', client, LOG_IN_LIMIT)
      return await hashes.run(() => user.sessions.logIn({ ...credentials, origin: originOf(request) }))
    },
    refresh: (refreshToken, request) =>
      user.sessions.refresh(
        { refreshToken, origin: originOf(request) },
        { context: { idempotencyKey: hashedKey('refresh', refreshToken) } },
      ),
  }
}
