import { randomUUID } from 'node:crypto'
import type { Profile, TokenPair } from '@fanone/contracts'
import { type Database, hasCode, type Identity, ServiceError } from '@fanone/service-kit'
import { findAccountByUsername } from '../account/account.repository.ts'
import { displayUsername, usernameKey } from '../account/username.ts'
import type { SigningKey } from '../key/signing-key.ts'
import type { PasswordHasher } from '../password/password-hasher.ts'
import type { ProfileService } from '../profile/profile.service.ts'
import { firstSecret, hashSecret } from './refresh-token.ts'
import type { Sessions } from './sessions.ts'

interface SignedIn {
  user: Profile
  tokens: TokenPair
}

/** Logs people in and out. */
export class SessionService {
  readonly #database: Database
  readonly #hasher: PasswordHasher
  readonly #profiles: ProfileService
  readonly #sessions: Sessions
  readonly #signingKey: SigningKey

  constructor(options: {
    database: Database
    hasher: PasswordHasher
    profiles: ProfileService
    sessions: Sessions
    signingKey: SigningKey
  }) {
    this.#database = options.database
    this.#hasher = options.hasher
    this.#profiles = options.profiles
    this.#sessions = options.sessions
    this.#signingKey = options.signingKey
  }

  /**
   * Opens a session for a correct password. The same idempotency key returns the same tokens: they
   * derive from the key and a secret of this service, so only the session is stored.
   *
   * @throws ServiceError `wrong_credentials`, with the same text and time for an unknown user;
   *   `too_many_requests`
   */
  async logIn(
    credentials: { username: string; password: string },
    call: { idempotencyKey: string | undefined; signal: AbortSignal | undefined },
  ): Promise<SignedIn> {
    this.#hasher.requireRoom()
    const key = usernameKey(displayUsername(credentials.username))
    const account = await findAccountByUsername(this.#database.em(), key)
    const fits = await this.#hasher.verify(account?.passwordHash, credentials.password, call.signal)
    if (!account || !fits) throw new ServiceError('wrong_credentials')
    const user = await this.#profiles.get(account.id)
    const sessionId = this.#sessionOf(account.id, call.idempotencyKey)
    const secret = firstSecret(this.#signingKey, sessionId)
    const login = { userId: account.id, sessionId, secret, openedAtMs: Date.now() }
    return { user, tokens: await this.#sessions.open(login) }
  }

  /**
   * Answers the next pair of tokens for a refresh token.
   *
   * @throws ServiceError `refresh_token_invalid`
   */
  async refresh(refreshToken: string, idempotencyKey: string | undefined): Promise<SignedIn> {
    // The user first: a database that does not answer must not cost anybody their token.
    const user = await this.#owner(refreshToken)
    return { user, tokens: await this.#sessions.refresh(refreshToken, idempotencyKey) }
  }

  /** Ends the session the call was made in. */
  logOut(identity: Identity): Promise<void> {
    return this.#sessions.end(identity.sessionId)
  }

  /**
   * The id, a UUID, of the session that a call opens for a user; always another one for calls
   * without a key.
   */
  #sessionOf(userId: number, key: string | undefined): string {
    if (key === undefined) return randomUUID()
    const bytes = this.#signingKey.derive(`session of user ${userId} by call ${hashSecret(key)}`, 16)
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }

  async #owner(refreshToken: string): Promise<Profile> {
    const userId = await this.#sessions.ownerOf(refreshToken)
    try {
      return await this.#profiles.get(userId)
    } catch (error) {
      if (hasCode(error, 'user_not_found')) throw new ServiceError('refresh_token_invalid', { cause: error })
      throw error
    }
  }
}
