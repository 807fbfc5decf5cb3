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

/** One key since ever, or all that may have signed a token that is still good. */
const Secret = z.union([
  PrivateJwk.transform((key) => [{ signsFrom: new Date(0).toISOString(), key }]),
  z.array(z.strictObject({ signsFrom: z.iso.datetime(), key: PrivateJwk })).min(1),
])

interface SigningKey {
  kid: string
  signsFromMs: number
  privateKey: CryptoKey
}

/**
 * The keys access tokens are signed with: each from its time on until the next one's. All are
 * published, so a gateway knows a key before its first token, and until the last has ended.
 */
export interface SigningKeys {
  /** The key of tokens that are issued at a time, the same however late that is asked. */
  at(issuedAtMs: number): Pick<SigningKey, 'kid' | 'privateKey'>
  /** For the key set that everybody may read (RFC 7517). */
  publicJwks: Record<string, string>[]
  /**
   * Derives secrets for other purposes (HKDF, RFC 5869) from the oldest key: the same purpose gives
   * the same bytes, and none reveals the key.
   */
  derive(purpose: string, sizeBytes: number): Buffer
}

/**
 * Reads the signing keys: a private Ed25519 JWK with `kid` (RFC 8037), or a list of
 * `{"signsFrom":"…","key":{…}}`.
 *
 * @throws ConfigError in one line, without the secret, for anything else, so that the service does
 *   not start with an empty or short key
 */
export async function loadSigningKeys(secret: string): Promise<SigningKeys> {
  const entries = parse(secret)
  const keys = await Promise.all(entries.map(toKey))
  const [oldest] = entries as [(typeof entries)[number]]
  return {
    at: (issuedAtMs) => keys.findLast(({ signsFromMs }) => signsFromMs <= issuedAtMs) ?? (keys[0] as SigningKey),
    publicJwks: entries.map(({ key: { kid, kty, crv, x } }) => ({ kty, crv, x, kid, alg: 'EdDSA', use: 'sig' })),
    derive: (purpose, sizeBytes) =>
      Buffer.from(hkdfSync('sha256', Buffer.from(oldest.key.d, 'base64url'), '', `fanone user: ${purpose}`, sizeBytes)),
  }
}

async function toKey({ signsFrom, key }: { signsFrom: string; key: PrivateJwk }): Promise<SigningKey> {
  const privateKey = (await importJWK({ ...key, alg: 'EdDSA' })) as CryptoKey
  return { kid: key.kid, signsFromMs: Date.parse(signsFrom), privateKey }
}

/** Oldest first. */
function parse(secret: string): z.infer<typeof Secret> {
  try {
    const entries = Secret.parse(JSON.parse(secret))
    if (!entries.every(({ key }) => isPair(key))) throw new Error('a public part belongs to another key')
    if (new Set(entries.map(({ key }) => key.kid)).size < entries.length) throw new Error('two keys have one kid')
    return entries.toSorted((one, other) => Date.parse(one.signsFrom) - Date.parse(other.signsFrom))
  } catch {
    throw new ConfigError(
      `The secret ${SECRET_NAME} must be a private Ed25519 JWK with kid, x and d, or a list of them`,
    )
  }
}

/** Whether the two halves of the key belong together; otherwise nobody could verify the tokens. */
function isPair(jwk: PrivateJwk): boolean {
  const sample = Buffer.from('sample')
  const publicKey = createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, format: 'jwk' })
  return verify(null, sample, publicKey, sign(null, sample, { key: jwk, format: 'jwk' }))
}
