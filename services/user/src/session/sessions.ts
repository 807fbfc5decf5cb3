import { randomUUID } from 'node:crypto'
import type { Role, SessionOrigin, TokenPair } from '@fanone/contracts'
import { type EntityManager, type Logger, ServiceError, type StateStore } from '@fanone/service-kit'
import type { AuditLog } from '../audit/audit-log.ts'
import { ACCESS_TOKEN_SECONDS, type AccessTokens } from './access-token.ts'
import {
  formatRefreshToken,
  hashFamily,
  hashSecret,
  parseRefreshToken,
  type RefreshToken,
  successorOf,
} from './refresh-token.ts'
import { judgeToken, rotate, SESSION_SECONDS, type Session } from './session.ts'
import type { OwnedSession, SessionList, Within } from './session-list.ts'

/** What sessions need of the Dapr state store. */
export type SessionState = Pick<StateStore, 'get' | 'create' | 'replace'>

/** What a session is opened with. */
export interface Opening extends OwnedSession {
  secret: Buffer
  openedAtMs: number
  origin?: SessionOrigin | undefined
  /** See `SessionList.add`. */
  credentialsVersion: number
  /** See `SessionList.add`. */
  within?: Within | undefined
  wantsLastingToken?: boolean | undefined
}

export interface Opened {
  tokens: TokenPair
  /** For clients that cannot renew a token. */
  lastingToken?: string
}

/** Upper bound of retries after lost races; in each round another write has won. */
const ATTEMPTS = 20

/**
 * Sessions, and the rotation of their refresh tokens in the Dapr state store. Which sessions there
 * are, and whether one has ended, is decided by the list in MySQL.
 *
 * A rotation is one conditional write (etag, first write wins), so a crash leaves it done or not
 * done. The next token is an HMAC of the stored nonce under the presented token, and the claims of
 * the access token are stored too. So whoever repeats the call with its token and idempotency key
 * within a minute gets the same pair, even after a kill -9 right behind the write. Any other use of
 * a rotated token ends the session.
 *
 * Ended sessions are kept until they would have expired: Dapr's Redis store accepts a write with
 * any etag if the key does not exist (components-contrib state/redis/redis.go, setDefaultQuery), so
 * after a delete a concurrent refresh would bring the session back.
 */
export class Sessions {
  readonly #state: SessionState
  readonly #list: Pick<SessionList, 'add' | 'refreshed' | 'roleOf' | 'end'>
  readonly #accessTokens: AccessTokens
  readonly #audit: Pick<AuditLog, 'add'>
  readonly #log: Pick<Logger, 'warn'>
  readonly #now: () => number

  /** @param options.now clock in ms since 1970 */
  constructor(options: {
    state: SessionState
    list: Pick<SessionList, 'add' | 'refreshed' | 'roleOf' | 'end'>
    accessTokens: AccessTokens
    audit: Pick<AuditLog, 'add'>
    log: Pick<Logger, 'warn'>
    now?: () => number
  }) {
    this.#state = options.state
    this.#list = options.list
    this.#accessTokens = options.accessTokens
    this.#audit = options.audit
    this.#log = options.log
    this.#now = options.now ?? Date.now
  }

  /**
   * Opens a session; if one has this id already, returns the tokens it was opened with.
   *
   * @throws ServiceError `wrong_credentials` where the credentials have changed since they were
   *   checked; what `within` throws
   */
  async open(opening: Opening): Promise<Opened> {
    const { userId, sessionId, secret, openedAtMs, wantsLastingToken } = opening
    const role = await this.#list.add({ ...opening, openedAt: new Date(openedAtMs) })
    const session: Session = {
      userId,
      createdAtMs: openedAtMs,
      rotatedAtMs: openedAtMs,
      generation: 0,
      familyHash: hashFamily(secret),
      currentHash: hashSecret(secret),
      rotation: null,
      isEnded: false,
    }
    const isNew = await this.#state.create(stateKey(sessionId), session, { ttlSeconds: SESSION_SECONDS })
    const earlier = isNew ? undefined : await this.#state.get<Session>(stateKey(sessionId))
    const rotatedAtMs = earlier?.value.createdAtMs ?? openedAtMs
    const tokens = await this.#issue({ ...session, rotatedAtMs }, { sessionId, secret, role })
    if (!wantsLastingToken) return { tokens }
    const grant = { userId, sessionId, issuedAtMs: rotatedAtMs }
    return { tokens, lastingToken: await this.#accessTokens.signLasting(grant) }
  }

  /**
   * Finds the session of a usable refresh token; changes nothing.
   *
   * @throws ServiceError `refresh_token_invalid`
   */
  async ownerOf(refreshToken: string): Promise<number> {
    const token = requireToken(refreshToken)
    const read = await this.#state.get<Session>(stateKey(token.sessionId))
    if (!read || judgeToken(read.value, { secret: token.secret, key: null }, this.#now()) === 'refuse') throw invalid()
    return read.value.userId
  }

  /**
   * Exchanges a refresh token for the next pair of tokens.
   *
   * @param idempotencyKey see the class; without one a call cannot be repeated
   * @throws ServiceError `refresh_token_invalid`; if the token was used before, the session ends
   */
  async refresh(
    refreshToken: string,
    { idempotencyKey, origin }: { idempotencyKey: string | undefined; origin?: SessionOrigin | undefined },
  ): Promise<TokenPair> {
    const token = requireToken(refreshToken)
    // A generated key lets this call recognise its own write if the store reports failure after
    // success.
    const presented = { secret: token.secret, key: idempotencyKey ?? randomUUID() }
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await this.#state.get<Session>(stateKey(token.sessionId))
      const verdict = read ? judgeToken(read.value, presented, this.#now()) : 'refuse'
      if (!read || verdict === 'refuse') throw invalid()
      const { userId, createdAtMs } = read.value
      if (verdict === 'reuse') {
        await this.end({ sessionId: token.sessionId, userId }, (em) => this.#noteReuse(em, userId, origin))
        throw invalid()
      }
      const openedAt = new Date(createdAtMs)
      const isOpen = await this.#list.refreshed({ sessionId: token.sessionId, userId, openedAt, origin })
      if (!isOpen) throw invalid()
      const role = await this.#list.roleOf(userId)
      if (verdict === 'replay') return this.#issueSuccessor(read.value, { ...token, role })
      const next = rotate(read.value, presented, this.#now())
      if (await this.#replace(token.sessionId, next, read.etag)) return this.#issueSuccessor(next, { ...token, role })
    }
    throw new ServiceError('unavailable', { detail: 'the session is being changed', retryAfterSeconds: 1 })
  }

  /**
   * Ends a session for good. Ending one that is over or unknown is fine.
   *
   * @param within see `SessionList.end`
   */
  async end(session: OwnedSession, within?: Within): Promise<void> {
    await this.#list.end(session, within)
    await this.markEnded([session.sessionId])
  }

  /**
   * Marks sessions that have ended in the list in the store too, for instances of releases that
   * have no list. Where the store does not answer, the list alone refuses their tokens.
   */
  async markEnded(sessionIds: string[]): Promise<void> {
    const failed = (error: unknown) => this.#log.warn({ err: error }, 'ended sessions were not marked in the store')
    await Promise.all(sessionIds.map((sessionId) => this.#markEnded(sessionId))).catch(failed)
  }

  async #markEnded(sessionId: string): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const read = await this.#state.get<Session>(stateKey(sessionId))
      if (!read || read.value.isEnded) return
      if (await this.#replace(sessionId, { ...read.value, isEnded: true }, read.etag)) return
    }
    throw new ServiceError('unavailable', { detail: 'the session is being changed', retryAfterSeconds: 1 })
  }

  #noteReuse(em: EntityManager, userId: number, origin: SessionOrigin | undefined): Promise<void> {
    return this.#audit.add(em, { userId, actorId: 0, action: 'refresh_token_reused', origin })
  }

  #replace(sessionId: string, session: Session, etag: string): Promise<boolean> {
    return this.#state.replace(stateKey(sessionId), session, { etag, ttlSeconds: SESSION_SECONDS })
  }

  #issueSuccessor(session: Session, presented: RefreshToken & { role: Role | null }): Promise<TokenPair> {
    const secret = successorOf(presented.secret, session.rotation?.nonce ?? '')
    return this.#issue(session, { ...presented, secret })
  }

  async #issue(session: Session, token: RefreshToken & { role: Role | null }): Promise<TokenPair> {
    const { userId, generation, rotatedAtMs } = session
    return {
      accessToken: await this.#accessTokens.sign({
        userId,
        generation,
        sessionId: token.sessionId,
        issuedAtMs: rotatedAtMs,
        role: token.role,
      }),
      refreshToken: formatRefreshToken(token),
      expiresInSeconds: ACCESS_TOKEN_SECONDS,
    }
  }
}

const stateKey = (sessionId: string) => `session:${sessionId}`

const invalid = () => new ServiceError('refresh_token_invalid')

function requireToken(refreshToken: string): RefreshToken {
  const token = parseRefreshToken(refreshToken)
  if (!token) throw invalid()
  return token
}
