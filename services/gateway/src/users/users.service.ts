import { MAX_BATCH, type Profile, type ProfileEdit, type TokenPair, type userContract } from '@fanone/contracts'
import { chunksOf, type Identity, type ServiceClient, ServiceError } from '@fanone/service-kit'
import type { z } from 'zod'
import { hashedKey, type RateLimiter } from '../limits/rate-limiter.ts'

const READ_TIMEOUT_MS = 3_000
/** Passwords are hashed on purpose slowly. */
const WRITE_TIMEOUT_MS = 6_000
const LOG_IN_LIMIT = { points: 10, windowSeconds: 60, scope: 'cluster' } as const

export interface SignedIn {
  user: Profile
  tokens: TokenPair
}

/** Accounts, sessions and profiles, as all APIs use them. */
export class UsersService {
  readonly #user: ServiceClient<typeof userContract>
  readonly #limiter: RateLimiter

  constructor(user: ServiceClient<typeof userContract>, limiter: RateLimiter) {
    this.#user = user
    this.#limiter = limiter
  }

  /**
   * @param idempotencyKey the client's, if it sent one
   * @throws ServiceError `username_taken`, `idempotency_key_reused`
   */
  register(credentials: { username: string; password: string }, idempotencyKey?: string): Promise<SignedIn> {
    const context = { idempotencyKey, timeoutMs: WRITE_TIMEOUT_MS }
    return this.#user.accounts.register(credentials, { context })
  }

  /**
   * Guessing one user's password is limited per address, whichever API is used for it.
   *
   * @throws ServiceError `wrong_credentials`, `too_many_requests`
   */
  async logIn(credentials: { username: string; password: string }, address: string): Promise<SignedIn> {
    const client = hashedKey(address, credentials.username.trim().normalize('NFKC').toLowerCase())
    await this.#limiter.consume('log in', client, LOG_IN_LIMIT)
    return await this.#user.sessions.logIn(credentials, { context: { timeoutMs: WRITE_TIMEOUT_MS } })
  }

  /**
   * One key for each refresh token: requests that use the same one at the same time all get the same new pair, and only a use
   * without this key counts as reuse.
   *
   * @throws ServiceError `refresh_token_invalid`
   */
  refresh(refreshToken: string): Promise<SignedIn> {
    const context = { idempotencyKey: hashedKey('refresh', refreshToken), timeoutMs: WRITE_TIMEOUT_MS }
    return this.#user.sessions.refresh({ refreshToken }, { context })
  }

  async logOut(identity: Identity): Promise<void> {
    await this.#user.sessions.logOut({}, { context: { identity, timeoutMs: WRITE_TIMEOUT_MS } })
  }

  /** Unknown ids are left out. */
  async getMany(ids: number[]): Promise<Profile[]> {
    const { items } = await this.#user.profiles.getMany({ ids }, { context: { timeoutMs: READ_TIMEOUT_MS } })
    return items
  }

  /** Any number of users, in the order of the ids; unknown ids are left out. */
  async getEach(ids: number[]): Promise<Profile[]> {
    return (await Promise.all(chunksOf(ids, MAX_BATCH).map((batch) => this.getMany(batch)))).flat()
  }

  /** @throws ServiceError `user_not_found` */
  async getOne(id: number): Promise<Profile> {
    const [profile] = await this.getMany([id])
    if (!profile) throw new ServiceError('user_not_found')
    return profile
  }

  edit(identity: Identity, edit: z.infer<typeof ProfileEdit>): Promise<Profile> {
    return this.#user.profiles.edit(edit, { context: { identity, timeoutMs: WRITE_TIMEOUT_MS } })
  }
}
