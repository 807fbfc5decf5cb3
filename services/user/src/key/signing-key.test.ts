import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { loadSigningKeys } from './signing-key.ts'

const jwk = () => ({ ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid: 'k1' })

it('shows the public part only', async () => {
  const secret = jwk()
  const { publicJwks } = await loadSigningKeys(JSON.stringify(secret))
  expect(publicJwks).toEqual([{ kty: 'OKP', crv: 'Ed25519', x: secret.x, kid: 'k1', alg: 'EdDSA', use: 'sig' }])
})

const list = (...keys: [signsFrom: string, kid: string][]) =>
  JSON.stringify(keys.map(([signsFrom, kid]) => ({ signsFrom, key: { ...jwk(), kid } })))

it('signs with each key from its time on, whatever their order, and shows all', async () => {
  const keys = await loadSigningKeys(list(['2026-03-01T00:00:00Z', 'new'], ['2026-01-01T00:00:00Z', 'old']))
  const kidAt = (time: string) => keys.at(Date.parse(time)).kid
  expect(kidAt('2026-02-28T23:59:59Z')).toBe('old')
  expect(kidAt('2026-03-01T00:00:00Z')).toBe('new')
  expect(kidAt('2025-01-01T00:00:00Z')).toBe('old')
  expect(keys.publicJwks.map(({ kid }) => kid)).toEqual(['old', 'new'])
  expect(JSON.stringify(keys.publicJwks)).not.toContain('"d"')
})

it.each([
  ['are none', '[]'],
  ['have one name', list(['2026-03-01T00:00:00Z', 'k'], ['2026-01-01T00:00:00Z', 'k'])],
  ['have no time', JSON.stringify([{ key: jwk() }])],
  ['hold a broken one', JSON.stringify([{ signsFrom: '2026-03-01T00:00:00Z', key: { ...jwk(), x: jwk().x } }])],
])('refuses keys that %s', async (_rule, secret) => {
  await expect(loadSigningKeys(secret)).rejects.toMatchObject({ name: 'ConfigError' })
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
  const failure = await loadSigningKeys(secret).catch((error: Error) => error)
  expect(failure).toMatchObject({ name: 'ConfigError' })
  expect((failure as Error).message).toMatch(/^The secret token-signing-key must be [^\n]+$/)
})

it('derives the same secret for the same purpose and another for another', async () => {
  const key = await loadSigningKeys(JSON.stringify(jwk()))
  expect(key.derive('a', 48)).toEqual(key.derive('a', 48))
  expect(key.derive('a', 48)).not.toEqual(key.derive('b', 48))
})
