import type { SignedIn } from '@fanone/contracts'
import { hasCode } from '@fanone/service-kit'
import type { Request } from 'express'
import type { Client } from '../calls/client.ts'
import { originOf } from '../http/session-origin.ts'
import type { HashBound } from '../limits/hash-bound.ts'
import { clientOf, hashedKey, type RateLimiter } from '../limits/rate-limiter.ts'

/** Wrong passwords for one user, from wherever: many machines guess for one attacker. */
const GUESSED_USER = { points: 100, windowSeconds: 3_600, scope: 'cluster' } as const
/** Wrong passwords from one address, for whomever: one machine tries a password on many users. */
const GUESSING_ADDRESS = { points: 100, windowSeconds: 600, scope: 'cluster' } as const
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
   * Guessing one user's password is limited per address, whichever API is used for it. While a user
   * is guessed, or an address guesses, only who has been logged in from there before may try: that
   * keeps others out and never the owner at home.
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

  /** Counts a try before its outcome is known, and takes it back unless the password was wrong. */
  async function whileGuessed(
    { username }: LogIn,
    request: Request,
    logIn: (isGuessed: boolean) => Promise<SignedIn>,
  ): Promise<SignedIn> {
    const counts = await Promise.all([
      rates.count('guessed user', hashedKey(nameOf(username)), GUESSED_USER),
      rates.count('guessing address', clientOf(request, undefined), GUESSING_ADDRESS),
    ])
    const takeBack = () => Promise.all(counts.map((count) => count.takeBack()))
    try {
      const signedIn = await logIn(counts.some(({ isTooMany }) => isTooMany))
      await takeBack()
      return signedIn
    } catch (error) {
      if (!hasCode(error, 'wrong_credentials')) await takeBack()
      throw error
    }
  }

  return {
    logIn: async (credentials, request) => {
      const client = hashedKey(String(request.ip), nameOf(credentials.username))
      await rates.consume('log in', client, LOG_IN_LIMIT)
      return await whileGuessed(credentials, request, (isGuessed) =>
        hashes.run(() => user.sessions.logIn({ ...credentials, isGuessed, origin: originOf(request) })),
      )
    },
    refresh: (refreshToken, request) =>
      user.sessions.refresh(
        { refreshToken, origin: originOf(request) },
        { context: { idempotencyKey: hashedKey('refresh', refreshToken) } },
      ),
  }
}

const nameOf = (username: string) => username.trim().normalize('NFKC').toLowerCase()
