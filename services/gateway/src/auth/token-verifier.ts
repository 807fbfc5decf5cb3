import { hash } from 'node:crypto'
import { Role } from '@fanone/contracts'
import { type Identity, ServiceError } from '@fanone/service-kit'
import { errors, type JWTPayload, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import type { EndedSessions } from './ended-sessions.ts'
import type { KeySet } from './key-set.ts'

const ISSUER = 'fanone'
const MAX_TOKEN_LENGTH = 4_096
const MAX_REMEMBERED = 10_000

interface Verified {
  identity: Identity
  expiresAtMs: number
}

export interface TokenVerifierOptions {
  keys: Pick<KeySet, 'find'>
  ended: Pick<EndedSessions, 'has'>
  /** The type of the tokens: access tokens unless it says otherwise. */
  type?: string
  /** Clock in ms since 1970. */
  now?: () => number
}

/**
 * Verifies tokens of one type (RFC 9068): EdDSA only, issuer and audience fanone, not expired,
 * signed by a key of the set, and of a session that has not ended. Valid tokens are remembered by
 * hash until they expire, because a signature costs 20 times a hash.
 */
export class TokenVerifier {
  readonly #keys: Pick<KeySet, 'find'>
  readonly #ended: Pick<EndedSessions, 'has'>
  readonly #type: string
  readonly #now: () => number
  readonly #verified = new LRUCache<string, Verified>({ max: MAX_REMEMBERED })

  constructor({ keys, ended, type = 'at+jwt', now = Date.now }: TokenVerifierOptions) {
    this.#keys = keys
    this.#ended = ended
    this.#type = type
    this.#now = now
  }

  /**
   * The identity that a token stands for.
   *
   * @throws ServiceError `token_expired`; `unauthenticated` for everything else that is wrong;
   *   `unavailable` without keys
   */
  async verify(token: string): Promise<Identity> {
    const identity = await this.#identify(token)
    if (await this.#ended.has(identity.sessionId))
      throw new ServiceError('unauthenticated', { detail: 'The session has ended' })
    return identity
  }

  async #identify(token: string): Promise<Identity> {
    if (token.length > MAX_TOKEN_LENGTH) throw new ServiceError('unauthenticated')
    const key = hash('sha256', token, 'base64')
    const known = this.#verified.get(key)
    if (known) return this.#recall(key, known)
    const verified = readClaims(await this.#check(token))
    this.#verified.set(key, verified)
    return verified.identity
  }

  async #check(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, (header) => this.#findKey(header.kid), {
        algorithms: ['EdDSA'],
        typ: this.#type,
        issuer: ISSUER,
        audience: ISSUER,
        requiredClaims: ['exp', 'sub', 'sid'],
        currentDate: new Date(this.#now()),
      })
      return payload
    } catch (error) {
      if (error instanceof ServiceError) throw error
      throw new ServiceError(error instanceof errors.JWTExpired ? 'token_expired' : 'unauthenticated', { cause: error })
    }
  }

  async #findKey(keyId: string | undefined) {
    const key = keyId === undefined ? undefined : await this.#keys.find(keyId)
    if (!key) throw new ServiceError('unauthenticated', { detail: 'The token was not signed by a known key' })
    return key
  }

  #recall(key: string, known: Verified): Identity {
    if (known.expiresAtMs > this.#now()) return known.identity
    this.#verified.delete(key)
    throw new ServiceError('token_expired')
  }
}

function readClaims(payload: JWTPayload): Verified {
  const userId = Number(payload.sub)
  const sessionId = payload.sid
  if (!Number.isSafeInteger(userId) || userId <= 0 || typeof sessionId !== 'string')
    throw new ServiceError('unauthenticated')
  const role = Role.safeParse(payload.role).data
  return { identity: { userId, sessionId, ...(role && { role }) }, expiresAtMs: Number(payload.exp) * 1_000 }
}
