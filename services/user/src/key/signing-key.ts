import { createPublicKey, hkdfSync, sign, verify } from 'node:crypto'
import { ConfigError } from '@fanone/service-kit'
import { type CryptoKey, importJWK } from 'jose'
import { z } from 'zod'

const SECRET_NAME = 'token-signing-key'

/** 32 bytes in base64url without padding. */
const Bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const PrivateJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  kid: z.string().min(1),
  x: Bytes32,
  d: Bytes32,
})
type PrivateJwk = z.infer<typeof PrivateJwk>

/** The key access tokens are signed with. */
export interface SigningKey {
  kid: string
  privateKey: CryptoKey
  /** For the key set that everybody may read (RFC 7517). */
  publicJwk: Record<string, string>
  /**
   * Derives secrets for other purposes (HKDF, RFC 5869): the same purpose gives the same bytes, and
   * none reveals the key.
   */
  derive(purpose: string, sizeBytes: number): Buffer
}

/**
 * Reads the signing key, a private Ed25519 JWK with `kid` (RFC 8037).
 *
 * @throws ConfigError in one line, without the secret, for anything else, so that the service does
 *   not start with an empty or short key
 */
export async function loadSigningKey(secret: string): Promise<SigningKey> {
  const jwk = parse(secret)
  const privateKey = (await importJWK({ ...jwk, alg: 'EdDSA' })) as CryptoKey
  const { kid, kty, crv, x, d } = jwk
  return {
    kid,
    privateKey,
    publicJwk: { kty, crv, x, kid, alg: 'EdDSA', use: 'sig' },
    derive: (purpose, sizeBytes) =>
      Buffer.from(hkdfSync('sha256', Buffer.from(d, 'base64url'), '', `fanone user: ${purpose}`, sizeBytes)),
  }
}

function parse(secret: string): PrivateJwk {
  try {
    const jwk = PrivateJwk.parse(JSON.parse(secret))
    if (!isPair(jwk)) throw new Error('the public part belongs to another key')
    return jwk
  } catch {
    throw new ConfigError(`The secret ${SECRET_NAME} must be a private Ed25519 JWK with kid, x and d, as JSON`)
  }
}

/** Whether the two halves of the key belong together; otherwise nobody could verify the tokens. */
function isPair(jwk: PrivateJwk): boolean {
  const sample = Buffer.from('sample')
  const publicKey = createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, format: 'jwk' })
  return verify(null, sample, publicKey, sign(null, sample, { key: jwk, format: 'jwk' }))
}
