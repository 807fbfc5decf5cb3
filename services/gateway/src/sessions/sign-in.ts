import type { Profile, TokenPair } from '@fanone/contracts'
import type { Client } from '../calls/client.ts'
import type { HashBound } from '../limits/hash-bound.ts'
import { hashedKey, type RateLimiter } from '../limits/rate-limiter.ts'

const LOG_IN_LIMIT = { points: 10, windowSeconds: 60, scope: 'cluster' } as const

export interface SignedIn {
  user: Profile
  tokens: TokenPair
}

/** Logging in and staying logged in, the same for all surfaces. */
export interface SignIn {
  /**
   * Guessing one user's password is limited per address, whichever API is used for it.
   *
   * @throws ServiceError `wrong_credentials`, `too_many_requests`
   */
  logIn: (credentials: { username: string; password: string }, address: string) => Promise<SignedIn>
  /**
   * Derives one key from each refresh token: concurrent requests with the same token get the same
   * new pair, and only a use without this key counts as reuse.
   *
   * @throws ServiceError `refresh_token_invalid`
   */
  refresh: (refreshToken: string) => Promise<SignedIn>
}

export function createSignIn(options: { user: Client<'user'>; rates: RateLimiter; hashes: HashBound }): SignIn {
  const { user, rates, hashes } = options
  return {
    logIn: async (credentials, address) => {
      const client = hashedKey(address, credentials.username.trim().normalize('NFKC').toLowerCase())
      await rates.consume('log in', client, LOG_IN_LIMIT)
      return await hashes.run(() => user.sessions.logIn(credentials))
    },
    refresh: (refreshToken) =>
      user.sessions.refresh({ refreshToken }, { context: { idempotencyKey: hashedKey('refresh', refreshToken) } }),
  }
}
