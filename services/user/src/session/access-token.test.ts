import { generateKeyPairSync } from 'node:crypto'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { loadSigningKeys } from '../key/signing-key.ts'
import { AccessTokens } from './access-token.ts'

const newKey = (kid: string) =>
  loadSigningKeys(JSON.stringify({ ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid }))
const key = await newKey('k1')
const grant = { userId: 42, sessionId: 's1', generation: 3, issuedAtMs: 1_800_000_000_123 }
const token = await new AccessTokens(key).sign(grant)
const issuedAt = 1_800_000_000

const verify = (
  options: { atSeconds?: number; audience?: string; typ?: string; keys?: Record<string, string>[] } = {},
) =>
  jwtVerify(token, createLocalJWKSet({ keys: (options.keys ?? key.publicJwks) as never }), {
    algorithms: ['EdDSA'],
    issuer: 'fanone',
    audience: options.audience ?? 'fanone',
    typ: options.typ ?? 'at+jwt',
    currentDate: new Date((options.atSeconds ?? issuedAt) * 1_000),
  })

it('names its algorithm, type and key', () => {
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1' })
})

it('says who, in which session, from when to when', async () => {
  expect((await verify()).payload).toEqual({
    iss: 'fanone',
    aud: 'fanone',
    sub: '42',
    sid: 's1',
    iat: issuedAt,
    exp: issuedAt + 900,
    jti: 's1.3',
  })
})

it('is the same token for the same grant and has another id for the next one', async () => {
  const tokens = new AccessTokens(key)
  expect(await tokens.sign(grant)).toBe(token)
  expect(await tokens.sign({ ...grant, generation: 4 })).not.toBe(token)
})

it('holds for 15 minutes and no second longer', async () => {
  await expect(verify({ atSeconds: issuedAt + 899 })).resolves.toBeDefined()
  await expect(verify({ atSeconds: issuedAt + 900 })).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' })
})

it('is for nobody else and nothing else', async () => {
  await expect(verify({ audience: 'other' })).rejects.toThrow()
  await expect(verify({ typ: 'JWT' })).rejects.toThrow()
})

it('is not verified by another key, also of the same name', async () => {
  await expect(verify({ keys: (await newKey('k1')).publicJwks })).rejects.toThrow()
  await expect(verify({ keys: (await newKey('k2')).publicJwks })).rejects.toThrow()
})
