import { randomUUID } from 'node:crypto'
import type { SessionOrigin, SignedIn } from '@fanone/contracts'
import { type Database, type Identity, runOnce, ServiceError } from '@fanone/service-kit'
import type { AuditLog } from '../audit/audit-log.ts'
import type { SigningKeys } from '../key/signing-key.ts'
import type { PasswordHasher } from '../password/password-hasher.ts'
import type { PasswordRule } from '../password/password-rule.ts'
import type { ProfileService } from '../profile/profile.service.ts'
import { firstSecret } from '../session/refresh-token.ts'
import type { SessionList } from '../session/session-list.ts'
import type { Sessions } from '../session/sessions.ts'
import { findAccountById, findAccountByUsername, lockAccount } from './account.repository.ts'
import type { Created, NewAccounts } from './new-accounts.ts'
import { requireSamePassword } from './same-password.ts'
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

/** What a registration is made with. */
interface NewAccount {
  username: string
  password: string
  origin?: SessionOrigin | undefined
  wantsLastingToken?: boolean | undefined
}

/** How somebody changes their password. */
interface PasswordChange {
  currentPassword: string
  newPassword: string
  origin?: SessionOrigin | undefined
}

interface Call {
  signal: AbortSignal | undefined
}

/** Creates accounts and changes their passwords. */
export class AccountService {
  readonly #database: Database
  readonly #accounts: NewAccounts
  readonly #hasher: PasswordHasher
  readonly #rule: PasswordRule
  readonly #profiles: ProfileService
  readonly #list: Pick<SessionList, 'endOthers'>
  readonly #sessions: Sessions
  readonly #signingKeys: SigningKeys
  readonly #audit: Pick<AuditLog, 'add'>

  constructor(options: {
    database: Database
    accounts: NewAccounts
    hasher: PasswordHasher
    rule: PasswordRule
    profiles: ProfileService
    list: Pick<SessionList, 'endOthers'>
    sessions: Sessions
    signingKeys: SigningKeys
    audit: Pick<AuditLog, 'add'>
  }) {
    this.#database = options.database
    this.#accounts = options.accounts
    this.#hasher = options.hasher
    this.#rule = options.rule
    this.#profiles = options.profiles
    this.#list = options.list
    this.#sessions = options.sessions
    this.#signingKeys = options.signingKeys
    this.#audit = options.audit
  }

  /**
   * Creates a user and opens their first session. A repeat with the same idempotency key gets the
   * same user and tokens: tokens follow from the session id and a secret of this service, so they
   * are not stored.
   *
   * The repeat must bring the same password, which is compared with the account's hash. This
   * replaces the hash of the request, which would be a second and weaker hash of the password.
   *
   * @throws ServiceError `username_taken`, `sensitive_words`, `password_too_common`,
   *   `idempotency_key_reused`, `too_many_requests`
   */
  async register(input: NewAccount, call: Call & { idempotencyKey: string | undefined }): Promise<SignedIn> {
    this.#hasher.requireRoom()
    const username = displayUsername(input.username)
    const key = usernameKey(username)
    this.#accounts.requireAllowed(username)
    this.#rule.refuseCommon(input.password, [username])
    // Hashed before the transaction, which would hold a connection while it waits for its turn.
    const isKnown = (await findAccountByUsername(this.#database.em(), key)) !== null
    const passwordHash = isKnown ? undefined : await this.#hasher.hash(input.password, call.signal)
    let created: Created | undefined
    const keyed = { operation: 'accounts.register', identity: undefined, key: call.idempotencyKey, input: { username } }
    const registration = await runOnce(this.#database, keyed, async (em) => {
      if (passwordHash === undefined) throw new ServiceError('username_taken')
      created = await this.#accounts.add(em, { username, passwordHash, origin: input.origin })
      return { ...created, sessionId: randomUUID() as string }
    })
    const isRepeat = registration.userId !== created?.userId
    const shown = { userId: registration.userId, password: input.password, signal: call.signal }
    const means = { em: this.#database.em(), hasher: this.#hasher }
    const credentialsVersion = isRepeat ? await requireSamePassword(means, shown) : 1
    return this.#answer(registration, { ...input, credentialsVersion })
  }

  /**
   * Changes the caller's password and ends their other sessions, in one transaction: whoever logged
   * in with the old password at the same time does not stay. A repeat changes nothing more.
   *
   * @throws ServiceError `wrong_password`, `password_too_common`, `too_many_requests`
   */
  async changePassword(identity: Identity, change: PasswordChange, { signal }: Call): Promise<void> {
    this.#hasher.requireRoom()
    const { username } = await this.#profiles.get(identity.userId)
    this.#rule.refuseCommon(change.newPassword, [username])
    if (await this.#replacePassword(identity, change, { signal })) return
    // A repeat, or another call that wanted the same, finds the new password already there.
    const account = await findAccountById(this.#database.em(), identity.userId)
    const isDone = await this.#hasher.verify(account?.passwordHash, change.newPassword, signal)
    if (!isDone) throw new ServiceError('wrong_password')
  }

  /** @returns false where the current password is another one */
  async #replacePassword(
    identity: Identity,
    { currentPassword, newPassword, origin }: PasswordChange,
    { signal }: Call,
  ): Promise<boolean> {
    const account = await findAccountById(this.#database.em(), identity.userId)
    const fits = await this.#hasher.verify(account?.passwordHash, currentPassword, signal)
    if (!account || !fits) return false
    const passwordHash = await this.#hasher.hash(newPassword, signal)
    const ended = await this.#database.transaction(async (em) => {
      const locked = await lockAccount(em, identity.userId)
      // Another change came first.
      if (locked?.credentialsVersion !== account.credentialsVersion) return undefined
      Object.assign(locked, { passwordHash, credentialsVersion: locked.credentialsVersion + 1 })
      await this.#audit.add(em, { userId: identity.userId, action: 'password_changed', origin })
      return this.#list.endOthers(em, identity)
    })
    if (ended) await this.#sessions.markEnded(ended)
    return ended !== undefined
  }

  async #answer(
    registration: Registration,
    options: Pick<NewAccount, 'origin' | 'wantsLastingToken'> & { credentialsVersion: number },
  ): Promise<SignedIn> {
    const { userId, sessionId, openedAtMs } = registration
    const { origin, wantsLastingToken, credentialsVersion } = options
    const user = await this.#profiles.getCreated(userId)
    const secret = firstSecret(this.#signingKeys, sessionId)
    const opening = { userId, sessionId, openedAtMs, secret, origin, wantsLastingToken, credentialsVersion }
    return { user, ...(await this.#sessions.open(opening)) }
  }
}
