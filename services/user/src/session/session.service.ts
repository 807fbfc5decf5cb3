import { randomUUID } from 'node:crypto'
import type { Profile, SessionOrigin, SessionSummary, SignedIn } from '@fanone/contracts'
import { type Database, hasCode, type Identity, ServiceError } from '@fanone/service-kit'
import { findAccountByUsername } from '../account/account.repository.ts'
import { displayUsername, usernameKey } from '../account/username.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import { refuseBanned } from '../ban/ban.ts'
import type { SigningKeys } from '../key/signing-key.ts'
import type { PasswordHasher } from '../password/password-hasher.ts'
import type { ProfileService } from '../profile/profile.service.ts'
import type { TotpService } from '../totp/totp.service.ts'
import { firstSecret, hashSecret } from './refresh-token.ts'
import type { SessionList, Within } from './session-list.ts'
import type { Sessions } from './sessions.ts'

const GUESSED_RETRY_SECONDS = 600

/** What somebody logs in with. */
interface LogIn {
  username: string
  password: string
  /** Of the second factor; empty for none. */
  code?: string | undefined
  /** Somebody tries many passwords: only who has been logged in from there before may go on. */
  isGuessed?: boolean | undefined
  origin?: SessionOrigin | undefined
  wantsLastingToken?: boolean | undefined
}

/** A session that has ended, as it travels. */
interface Ended {
  sessionId: string
  endedAt: string
}

/** Logs people in and out, and shows them where they are logged in. */
export class SessionService {
  readonly #database: Database
  readonly #hasher: PasswordHasher
  readonly #profiles: ProfileService
  readonly #totp: Pick<TotpService, 'requireCode'>
  readonly #list: SessionList
  readonly #sessions: Sessions
  readonly #signingKeys: SigningKeys
  readonly #audit: AuditLog

  constructor(options: {
    database: Database
    hasher: PasswordHasher
    profiles: ProfileService
    totp: Pick<TotpService, 'requireCode'>
    list: SessionList
    sessions: Sessions
    signingKeys: SigningKeys
    audit: AuditLog
  }) {
    this.#database = options.database
    this.#hasher = options.hasher
    this.#profiles = options.profiles
    this.#totp = options.totp
    this.#list = options.list
    this.#sessions = options.sessions
    this.#signingKeys = options.signingKeys
    this.#audit = options.audit
  }

  /**
   * Opens a session for a correct password. The same idempotency key returns the same tokens: they
   * derive from the key and a secret of this service, so only the session is stored.
   *
   * @throws ServiceError `wrong_credentials`, with the same text and time for an unknown user; only
   *   behind a right password `account_banned`, `mfa_code_missing`, `mfa_code_invalid`;
   *   `too_many_requests`
   */
  async logIn(
    credentials: LogIn,
    call: { idempotencyKey: string | undefined; signal: AbortSignal | undefined },
  ): Promise<SignedIn> {
    this.#hasher.requireRoom()
    const { origin, wantsLastingToken } = credentials
    const key = usernameKey(displayUsername(credentials.username))
    const account = await findAccountByUsername(this.#database.em(), key)
    if (credentials.isGuessed) await this.#requireKnown(account?.id, origin)
    const fits = await this.#hasher.verify(account?.passwordHash, credentials.password, call.signal)
    if (!account || !fits) {
      await this.#audit.addFailure(account?.id, credentials.origin)
      throw new ServiceError('wrong_credentials')
    }
    refuseBanned(account)
    const spend = await this.#totp.requireCode(account.id, credentials.code)
    const within: Within = async (em) => {
      await spend?.(em)
      await this.#audit.add(em, { userId: account.id, action: 'signed_in', origin })
    }
    const user = await this.#profiles.get(account.id)
    const sessionId = this.#sessionOf(account.id, call.idempotencyKey)
    const secret = firstSecret(this.#signingKeys, sessionId)
    const opening = { userId: account.id, sessionId, secret, openedAtMs: Date.now(), origin, wantsLastingToken }
    const { credentialsVersion } = account
    return { user, ...(await this.#sessions.open({ ...opening, credentialsVersion, within })) }
  }

  /**
   * Answers the next pair of tokens for a refresh token.
   *
   * @throws ServiceError `refresh_token_invalid`
   */
  async refresh(
    { refreshToken, origin }: { refreshToken: string; origin?: SessionOrigin | undefined },
    idempotencyKey: string | undefined,
  ): Promise<SignedIn> {
    // The user first: a database that does not answer must not cost anybody their token.
    const user = await this.#owner(refreshToken)
    return { user, tokens: await this.#sessions.refresh(refreshToken, { idempotencyKey, origin }) }
  }

  /** Ends the session the call was made in. */
  logOut(identity: Identity, origin: SessionOrigin | undefined): Promise<void> {
    const { userId } = identity
    return this.#sessions.end(identity, (em) => this.#audit.add(em, { userId, action: 'signed_out', origin }))
  }

  /** The caller's sessions, the last used first. */
  async list(identity: Identity): Promise<SessionSummary[]> {
    const sessions = await this.#list.open(identity.userId)
    return sessions.map(({ id, device, address, openedAt, seenAt }) => {
      const times = { createdAt: openedAt.toISOString(), lastSeenAt: seenAt.toISOString() }
      return { id, device, address, ...times, isCurrent: id === identity.sessionId }
    })
  }

  /**
   * Ends one of the caller's sessions.
   *
   * @throws ServiceError `session_not_found`, also for one of somebody else
   */
  async end({ userId }: Identity, { sessionId, origin }: { sessionId: string; origin?: SessionOrigin | undefined }) {
    if (!(await this.#list.isOf(userId, sessionId))) throw new ServiceError('session_not_found')
    const entry = { userId, action: 'session_ended', subject: { kind: 'session', id: sessionId }, origin } as const
    await this.#sessions.end({ userId, sessionId }, (em) => this.#audit.add(em, entry))
  }

  /** Ends all of the caller's sessions but the one of the call. */
  async endOthers(identity: Identity, origin: SessionOrigin | undefined): Promise<void> {
    const { userId } = identity
    const ended = await this.#database.transaction(async (em) => {
      const others = await this.#list.endOthers(em, identity)
      if (others.length > 0) await this.#audit.add(em, { userId, action: 'other_sessions_ended', origin })
      return others
    })
    await this.#sessions.markEnded(ended)
  }

  /** Whether a session is open; notes that it is in use. */
  see(sessionId: string): Promise<boolean> {
    return this.#list.see(sessionId)
  }

  /** See `SessionList.ended`. */
  async listEnded(after: Ended | undefined): Promise<{ items: Ended[]; isLast: boolean; asOf: string }> {
    const position = after && { ...after, endedAt: new Date(after.endedAt) }
    const { items, isLast, asOf } = await this.#list.ended(position)
    const travelling = items.map(({ sessionId, endedAt }) => ({ sessionId, endedAt: endedAt.toISOString() }))
    return { items: travelling, isLast, asOf: asOf.toISOString() }
  }

  /** The same for an unknown user as for an unknown address. */
  async #requireKnown(userId: number | undefined, origin: SessionOrigin | undefined): Promise<void> {
    if (userId !== undefined && origin && (await this.#list.hasBeenAt(userId, origin.address))) return
    const detail = 'Too many wrong passwords; log in from where you were logged in before, or by your phone'
    throw new ServiceError('too_many_requests', { detail, retryAfterSeconds: GUESSED_RETRY_SECONDS })
  }

  /**
   * The id, a UUID, of the session that a call opens for a user; always another one for calls
   * without a key.
   */
  #sessionOf(userId: number, key: string | undefined): string {
    if (key === undefined) return randomUUID()
    const bytes = this.#signingKeys.derive(`session of user ${userId} by call ${hashSecret(key)}`, 16)
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
