import { decodeJwt, importJWK, type JWK, type JWTPayload, SignJWT } from 'jose'
import { readTimedKeys } from '../../scripts/stack/secrets.ts'
import { secrets } from './stack.ts'

/** A private key that the services know, as JWK (RFC 8037): the one that has signed for longest. */
export async function signingJwk(): Promise<JWK & { kid: string; x: string }> {
  const [oldest] = readTimedKeys((await secrets())['token-signing-key'] as string)
  return oldest?.key as JWK & { kid: string; x: string }
}

/** What a test wants different from a good token; `undefined` leaves a claim or header out. */
export interface Changes {
  claims?: Record<string, unknown>
  header?: Record<string, unknown>
}

/**
 * A token signed by the real key, valid except for the changes.
 *
 * @param like a valid access token
 */
export async function resigned(like: string, { claims = {}, header = {} }: Changes): Promise<string> {
  const jwk = await signingJwk()
  const payload = withoutUndefined({ ...decodeJwt(like), ...claims }) as JWTPayload
  const protectedHeader = withoutUndefined({ alg: 'EdDSA', typ: 'at+jwt', kid: jwk.kid, ...header })
  return new SignJWT(payload)
    .setProtectedHeader(protectedHeader as { alg: string })
    .sign(await importJWK({ ...jwk, alg: 'EdDSA' }))
}

/** The same token as it will be when its time is over. */
export function expired(like: string): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000)
  return resigned(like, { claims: { iat: nowSeconds - 1000, exp: nowSeconds - 100 } })
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
