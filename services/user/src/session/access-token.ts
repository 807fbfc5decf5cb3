import type { Role } from '@fanone/contracts'
import { SignJWT } from 'jose'
import type { SigningKeys } from '../key/signing-key.ts'

export const ACCESS_TOKEN_SECONDS = 15 * 60
export const LASTING_TOKEN_SECONDS = 30 * 24 * 60 * 60
const ISSUER = 'fanone'
const AUDIENCE = 'fanone'

/** What an access token says. */
export interface AccessGrant {
  userId: number
  sessionId: string
  /** How often the session was refreshed before. */
  generation: number
  issuedAtMs: number
  /** What its user may do beside what all may. */
  role?: Role | null
}

/** Signs access tokens (RFC 9068, EdDSA). `keys.list` has the keys to verify them. */
export class AccessTokens {
  readonly #keys: Pick<SigningKeys, 'at'>

  constructor(keys: Pick<SigningKeys, 'at'>) {
    this.#keys = keys
  }

  /**
   * The same grant gives the same token: Ed25519 has no randomness and nothing here reads the
   * clock.
   */
  sign(grant: AccessGrant): Promise<string> {
    const jti = `${grant.sessionId}.${grant.generation}`
    return this.#sign(grant, { typ: 'at+jwt', seconds: ACCESS_TOKEN_SECONDS, jti })
  }

  /**
   * A token for clients that cannot renew theirs. Whoever takes it also asks whether its session is
   * open. Its type keeps it from being taken for an access token.
   */
  signLasting(grant: Omit<AccessGrant, 'generation'>): Promise<string> {
    const jti = `${grant.sessionId}.lasting`
    return this.#sign(grant, { typ: 'lasting+jwt', seconds: LASTING_TOKEN_SECONDS, jti })
  }

  #sign(
    grant: Omit<AccessGrant, 'generation'>,
    { typ, seconds, jti }: { typ: string; seconds: number; jti: string },
  ): Promise<string> {
    const { kid, privateKey } = this.#keys.at(grant.issuedAtMs)
    const issuedAt = Math.floor(grant.issuedAtMs / 1_000)
    return new SignJWT({ sid: grant.sessionId, ...(grant.role && { role: grant.role }) })
      .setProtectedHeader({ alg: 'EdDSA', typ, kid })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(String(grant.userId))
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + seconds)
      .setJti(jti)
      .sign(privateKey)
  }
}
