import { randomUUID } from 'node:crypto'
import type { Profile, TokenPair } from '@fanone/contracts'
import { type Database, type EntityManager, runOnce, type SensitiveWords, ServiceError } from '@fanone/service-kit'
import type { SigningKey } from '../key/signing-key.ts'
import type { PasswordHasher } from '../password/password-hasher.ts'
import type { ProfileService } from '../profile/profile.service.ts'
import { firstSecret } from '../session/refresh-token.ts'
import type { Sessions } from '../session/sessions.ts'
import { findAccountById, findAccountByUsername, insertAccount } from './account.repository.ts'
import { displayUsername, usernameKey } from './username.ts'

/**
 * The stored result of a registration: enough to give the same answer again. It has no password and
 * no tokens, so nobody can log in with it.
 */
interface Registration {
  userId: number
  sessionId: string
  openedAtMs: number
}

/** Creates accounts. */
export class AccountService {
  readonly #database: Database
  readonly #words: Pick<SensitiveWords, 'refuse'>
  readonly #hasher: PasswordHasher
  readonly #profiles: ProfileService
  readonly #sessions: Sessions
  readonly #signingKey: SigningKey

  constructor(options: {
    database: Database
    words: Pick<SensitiveWords, 'refuse'>
    hasher: PasswordHasher
    profiles: ProfileService
    sessions: Sessions
    signingKey: SigningKey
  }) {
    this.#database = options.database
    this.#words = options.words
    this.#hasher = options.hasher
    this.#profiles = options.profiles
    this.#sessions = options.sessions
    this.#signingKey = options.signingKey
  }

  /**
   * Creates a user and opens their first session. A repeat with the same idempotency key gets the
   * same user and tokens: tokens follow from the session id and a secret of this service, so they
   * are not stored.
   *
   * The repeat must bring the same password, which is compared with the account's hash. This
   * replaces the hash of the request, which would be a second and weaker hash of the password.
   *
   * @throws ServiceError `username_taken`, `sensitive_words`, `idempotency_key_reused`,
   *   `too_many_requests`
   */
  async register(
    input: { username: string; password: string },
    call: { idempotencyKey: string | undefined; signal: AbortSignal | undefined },
  ): Promise<{ user: Profile; tokens: TokenPair }> {
    this.#hasher.requireRoom()
    const username = displayUsername(input.username)
    const key = usernameKey(username)
    this.#words.refuse({ username })
    // Hashed before the transaction, which would hold a connection while it waits for its turn.
    const isKnown = (await findAccountByUsername(this.#database.em(), key)) !== null
    const passwordHash = isKnown ? undefined : await this.#hasher.hash(input.password, call.signal)
    let createdId: number | undefined
    const keyed = { operation: 'accounts.register', identity: undefined, key: call.idempotencyKey, input: { username } }
    const registration = await runOnce(this.#database, keyed, async (em) => {
      if (passwordHash === undefined) throw new ServiceError('username_taken')
      createdId = this.#database.newId()
      return this.#insert(em, { id: createdId, username, usernameKey: key, passwordHash })
    })
    if (registration.userId !== createdId) await this.#requirePassword(registration.userId, input.password, call.signal)
    return this.#answer(registration)
  }

  async #insert(
    em: EntityManager,
    user: { id: number; username: string; usernameKey: string; passwordHash: string },
  ): Promise<Registration> {
    const { id, username, usernameKey, passwordHash } = user
    const createdAt = new Date()
    await insertAccount(em, { id, usernameKey, passwordHash, createdAt })
    this.#profiles.add(em, { id, username, createdAt })
    return { userId: id, sessionId: randomUUID(), openedAtMs: createdAt.getTime() }
  }

  async #requirePassword(userId: number, password: string, signal: AbortSignal | undefined): Promise<void> {
    const account = await findAccountById(this.#database.em(), userId)
    const fits = await this.#hasher.verify(account?.passwordHash, password, signal)
    if (!fits) throw new ServiceError('idempotency_key_reused')
  }

  async #answer(registration: Registration): Promise<{ user: Profile; tokens: TokenPair }> {
    const { userId, sessionId, openedAtMs } = registration
    const user = await this.#profiles.getCreated(userId)
    const secret = firstSecret(this.#signingKey, sessionId)
    return { user, tokens: await this.#sessions.open({ userId, sessionId, openedAtMs, secret }) }
  }
}
