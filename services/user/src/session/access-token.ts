import { SignJWT } from 'jose'
import type { SigningKey } from '../key/signing-key.ts'

export const ACCESS_TOKEN_SECONDS = 15 * 60
const ISSUER = 'fanone'
const AUDIENCE = 'fanone'

/** What an access token says. */
export interface AccessGrant {
  userId: number
  sessionId: string
  /** How often the session was refreshed before. */
  generation: number
  issuedAtMs: number
}

/** Signs access tokens (RFC 9068, EdDSA). `keys.list` has the keys to verify them. */
export class AccessTokens {
  readonly #key: SigningKey

  constructor(key: SigningKey) {
    this.#key = key
  }

  /**
   * The same grant gives the same token: Ed25519 has no randomness and nothing here reads the
   * clock.
   */
  sign(grant: AccessGrant): Promise<string> {
    const issuedAt = Math.floor(grant.issuedAtMs / 1_000)
    return new SignJWT({ sid: grant.sessionId })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: this.#key.kid })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(String(grant.userId))
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
      .setJti(`${grant.sessionId}.${grant.generation}`)
      .sign(this.#key.privateKey)
  }
}
