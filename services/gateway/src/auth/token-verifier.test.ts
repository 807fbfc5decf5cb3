import { ServiceError } from '@fanone/service-kit'
import { exportSPKI, importJWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeSigningKey, signToken } from '../testing/test-tokens.ts'
import { KeySet } from './key-set.ts'
import { TokenVerifier } from './token-verifier.ts'

let key: Awaited<ReturnType<typeof makeSigningKey>>
let other: Awaited<ReturnType<typeof makeSigningKey>>
beforeAll(async () => {
  key = await makeSigningKey('one')
  other = await makeSigningKey('two')
})

const ended = { has: async () => false }
const newVerifier = (now: () => number = Date.now) =>
  new TokenVerifier({ keys: new KeySet({ fetchKeys: async () => [key.jwk] }), ended, now })
const codeOf = (verifying: Promise<unknown>) =>
  verifying.then(
    () => 'accepted',
    (error) => (error as ServiceError).code,
  )
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('access tokens', () => {
  it('a good token tells who calls', async () => {
    expect(await newVerifier().verify(await signToken(key))).toEqual({ userId: 42, sessionId: 'session' })
  })

  it('an expired token is expired, not just wrong', async () => {
    const token = await signToken(key, { expiresInSeconds: -1 })
    expect(await codeOf(newVerifier().verify(token))).toBe('token_expired')
  })

  it('a token of an ended session is refused, also one that is remembered', async () => {
    const sessions = new Set<string>()
    const keys = new KeySet({ fetchKeys: async () => [key.jwk] })
    const verifier = new TokenVerifier({ keys, ended: { has: async (id) => sessions.has(id) } })
    const token = await signToken(key)
    expect(await codeOf(verifier.verify(token))).toBe('accepted')
    sessions.add('session')
    expect(await codeOf(verifier.verify(token))).toBe('unauthenticated')
  })

  it('tokens of another type are none, in both directions', async () => {
    const keys = new KeySet({ fetchKeys: async () => [key.jwk] })
    const lasting = new TokenVerifier({ keys, ended, type: 'lasting+jwt' })
    const lastingToken = await signToken(key, { header: { typ: 'lasting+jwt' } })
    expect(await codeOf(lasting.verify(lastingToken))).toBe('accepted')
    expect(await codeOf(newVerifier().verify(lastingToken))).toBe('unauthenticated')
    expect(await codeOf(lasting.verify(await signToken(key)))).toBe('unauthenticated')
  })

  it('a remembered token still expires', async () => {
    let nowMs = Date.now()
    const verifier = newVerifier(() => nowMs)
    const token = await signToken(key)
    await verifier.verify(token)
    nowMs += 900_000
    expect(await codeOf(verifier.verify(token))).toBe('token_expired')
  })

  it.each([
    ['another audience', { claims: { aud: 'other' } }],
    ['another issuer', { claims: { iss: 'other' } }],
    ['no expiry', { claims: { exp: undefined } }],
    ['no subject', { claims: { sub: undefined } }],
    ['a subject that is no id', { claims: { sub: 'admin' } }],
    ['no session', { claims: { sid: undefined } }],
    ['the type of another kind of token', { header: { typ: 'JWT' } }],
    ['no type', { header: { typ: undefined } }],
    ['an unknown key id', { header: { kid: 'three' } }],
    ['no key id', { header: { kid: undefined } }],
  ])('%s is refused', async (_case, parts) => {
    expect(await codeOf(newVerifier().verify(await signToken(key, parts)))).toBe('unauthenticated')
  })

  it('a token of another key is refused, whatever key id it names', async () => {
    const token = await signToken(other, { header: { kid: 'one' } })
    expect(await codeOf(newVerifier().verify(token))).toBe('unauthenticated')
  })

  it('alg none is refused', async () => {
    const [, claims] = (await signToken(key)).split('.')
    const token = `${encode({ alg: 'none', typ: 'at+jwt', kid: 'one' })}.${claims}.`
    expect(await codeOf(newVerifier().verify(token))).toBe('unauthenticated')
  })

  it('HS256 with the public key as secret is refused', async () => {
    const publicKey = (await importJWK(key.jwk, 'EdDSA')) as Parameters<typeof exportSPKI>[0]
    const token = await new SignJWT({ sub: '42', sid: 's', iss: 'fanone', aud: 'fanone' })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'one' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(await exportSPKI(publicKey)))
    expect(await codeOf(newVerifier().verify(token))).toBe('unauthenticated')
  })

  it('no flipped bit of the signature goes unnoticed', async () => {
    const verifier = newVerifier()
    const token = await signToken(key)
    const [header, claims, signature = ''] = token.split('.')
    await verifier.verify(token)
    for (let bit = 0; bit < 64 * 8; bit += 7) {
      const bytes = Buffer.from(signature, 'base64url')
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const flipped = `${header}.${claims}.${bytes.toString('base64url')}`
      expect(await codeOf(verifier.verify(flipped))).toBe('unauthenticated')
    }
  })

  it.each(['', 'x', 'a.b.c', 'a'.repeat(5_000)])('garbage is refused', async (token) => {
    expect(await codeOf(newVerifier().verify(token))).toBe('unauthenticated')
  })
})

describe('the key set', () => {
  it('an unknown key id fetches the keys again, but not more often than every few seconds', async () => {
    let nowMs = 0
    let fetches = 0
    const published = [key.jwk]
    const fetchKeys = async () => {
      fetches++
      return [...published]
    }
    const keys = new KeySet({ now: () => nowMs, fetchKeys })
    expect(await keys.find('two')).toBeUndefined()
    expect(await keys.find('two')).toBeUndefined()
    expect(fetches).toBe(1)
    published.push(other.jwk)
    nowMs += 3_000
    expect(await keys.find('two')).toBeDefined()
    expect(fetches).toBe(2)
  })

  it('keys that are known serve while the user service is down', async () => {
    let nowMs = 0
    let isDown = false
    const fetchKeys = async () => {
      if (isDown) throw new ServiceError('unavailable')
      return [key.jwk]
    }
    const keys = new KeySet({ now: () => nowMs, fetchKeys })
    await keys.find('one')
    isDown = true
    nowMs += 3_600_000
    expect(await keys.find('one')).toBeDefined()
    await new Promise(setImmediate)
    expect(await keys.find('one')).toBeDefined()
  })

  it('without any key the answer is unavailable, not unauthenticated', async () => {
    const keys = new KeySet({ fetchKeys: () => Promise.reject(new Error('down')) })
    expect(await codeOf(new TokenVerifier({ keys, ended }).verify(await signToken(key)))).toBe('unavailable')
  })

  it('a private key is never passed on', async () => {
    const keys = new KeySet({ fetchKeys: async () => [key.jwk, { ...other.jwk, d: 'secret' }] })
    expect(await keys.list()).toEqual([key.jwk])
  })
})
