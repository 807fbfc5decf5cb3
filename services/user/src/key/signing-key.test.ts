import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { loadSigningKey } from './signing-key.ts'

const jwk = () => ({ ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: 'k1' })

it('shows the public part only', async () => {
  const secret = jwk()
  const { publicJwk } = await loadSigningKey(JSON.stringify(secret))
  expect(publicJwk).toEqual({ kty: 'OKP', crv: 'Ed25519', x: secret.x, kid: 'k1', alg: 'EdDSA', use: 'sig' })
})

it.each([
  ['is empty', ''],
  ['is not JSON', 'secret'],
  ['is short', JSON.stringify({ ...jwk(), d: 'c2hvcnQ' })],
  ['has no private part', JSON.stringify({ ...jwk(), d: undefined })],
  ['has no key id', JSON.stringify({ ...jwk(), kid: '' })],
  ['is symmetric', JSON.stringify({ kty: 'oct', k: 'A'.repeat(43), kid: 'k1' })],
  ['is of another curve', JSON.stringify({ ...jwk(), crv: 'X25519' })],
  ['has the public part of another key', JSON.stringify({ ...jwk(), x: jwk().x })],
])('refuses a key that %s, in one line without the key', async (_rule, secret) => {
  const failure = await loadSigningKey(secret).catch((error: Error) => error)
  expect(failure).toMatchObject({ name: 'ConfigError' })
  expect((failure as Error).message).toMatch(/^The secret token-signing-key must be [^\n]+$/)
})

it('derives the same secret for the same purpose and another for another', async () => {
  const key = await loadSigningKey(JSON.stringify(jwk()))
  expect(key.derive('a', 48)).toEqual(key.derive('a', 48))
  expect(key.derive('a', 48)).not.toEqual(key.derive('b', 48))
})
