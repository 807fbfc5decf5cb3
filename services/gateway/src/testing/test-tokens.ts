import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

/** A signing key of tests with its public half as it is published. */
export async function makeSigningKey(keyId: string) {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: keyId, alg: 'EdDSA', use: 'sig' }
  return { keyId, privateKey, jwk: jwk as Record<string, unknown> }
}

export interface TokenParts {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  /** Seconds from now. */
  expiresInSeconds?: number
}

/** A token as the user service makes them, with whatever a test wants to be different. */
export function signToken(key: Awaited<ReturnType<typeof makeSigningKey>>, parts: TokenParts = {}): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1_000)
  const { header = {}, claims = {}, expiresInSeconds = 900 } = parts
  const standard = { sub: '42', sid: 'session', iss: 'fanone', aud: 'fanone', exp: nowSeconds + expiresInSeconds }
  return new SignJWT({ ...standard, ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: key.keyId, ...header })
    .sign(key.privateKey)
}
