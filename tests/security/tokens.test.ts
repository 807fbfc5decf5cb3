import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { createRemoteJWKSet, exportJWK, jwtVerify, SignJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember } from '../support/community.ts'
import { expectProblem, send } from '../support/http.ts'
import { apiUrl } from '../support/stack.ts'
import { expired, resigned, signingJwk } from '../support/tokens.ts'

let member: Member
let good: string
beforeAll(async () => {
  member = await newMember()
  good = member.tokens.accessToken
})

const getMe = (token: string) => send('GET', '/v1/users/me', { token })

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

async function expectRefused(token: string): Promise<void> {
  const answer = await getMe(token)
  expectProblem(answer, 401, 'unauthenticated')
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
}

test('anybody can verify an access token with the published keys', async () => {
  const keys = await send('GET', '/.well-known/jwks.json')
  expect(keys.headers.get('cache-control')).toMatch(/^public, max-age=\d+/)
  expect(keys.json).toMatchObject({ keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' }] })
  expect(keys.text).not.toContain('"d"')
  const keySet = createRemoteJWKSet(new URL('/.well-known/jwks.json', apiUrl))
  const { payload } = await jwtVerify(good, keySet, { issuer: 'fanone', audience: 'fanone', typ: 'at+jwt' })
  expect(payload.sub).toBe(String(member.user.id))
  expect(Number(payload.exp) - Number(payload.iat)).toBe(900)
})

test('a token that is good in everything is accepted, whoever made it with our key', async () => {
  expect((await getMe(await resigned(good, {}))).json).toEqual(member.user)
  const lowerCase = { authorization: `bearer ${good}` }
  expect((await send('GET', '/v1/users/me', { headers: lowerCase })).status).toBe(200)
})

test('an expired token is told apart from a bad one', async () => {
  const answer = await getMe(await expired(good))
  expectProblem(answer, 401, 'token_expired')
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
})

test.each([
  ['for another audience', { claims: { aud: 'other' } }],
  ['without an audience', { claims: { aud: undefined } }],
  ['of another issuer', { claims: { iss: 'other' } }],
  ['without an end', { claims: { exp: undefined } }],
  ['whose end is text', { claims: { exp: 'tomorrow' } }],
  ['that is not valid yet', { claims: { nbf: 4_000_000_000 } }],
  ['for nobody', { claims: { sub: undefined } }],
  ['for a user that is no id', { claims: { sub: '1 or 1=1' } }],
  ['for a negative user', { claims: { sub: '-1' } }],
  ['without a session', { claims: { sid: undefined } }],
  ['whose session is no text', { claims: { sid: { a: 1 } } }],
  ['of another type', { header: { typ: 'JWT' } }],
  ['without a type', { header: { typ: undefined } }],
  ['of an unknown key', { header: { kid: 'unknown' } }],
  ['that does not name its key', { header: { kid: undefined } }],
])('a token %s is refused', async (_what, changes) => {
  await expectRefused(await resigned(good, changes))
})

test('a token signed by somebody else is refused, also when it brings its key', async () => {
  const { kid } = await signingJwk()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const [, payload = ''] = good.split('.')
  const jwk = await exportJWK(publicKey)
  for (const header of [{ kid }, { kid, jwk }, { kid, jku: `${apiUrl}/x`, x5u: `${apiUrl}/x` }]) {
    const forged = new SignJWT(JSON.parse(Buffer.from(payload, 'base64url').toString()))
    await expectRefused(await forged.setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...header }).sign(privateKey))
  }
})

test.each(['none', 'None', 'NONE', 'nOnE', ''])('a token of algorithm %j is refused', async (alg) => {
  const { kid } = await signingJwk()
  const [, payload, signature] = good.split('.')
  for (const end of ['', signature]) await expectRefused(`${encode({ alg, typ: 'at+jwt', kid })}.${payload}.${end}`)
})

test.each(['HS256', 'HS384', 'HS512'])('a token of %s with the public key as its secret is refused', async (alg) => {
  const jwk = await signingJwk()
  const [, payload] = good.split('.')
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: jwk.x }, format: 'jwk' })
  const { keys } = (await send('GET', '/.well-known/jwks.json')).json as { keys: unknown[] }
  const guesses = [
    Buffer.from(jwk.x, 'base64url'),
    Buffer.from(jwk.x),
    Buffer.from(JSON.stringify(keys[0])),
    Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })),
    publicKey.export({ format: 'der', type: 'spki' }),
  ]
  const signed = `${encode({ alg, typ: 'at+jwt', kid: jwk.kid })}.${payload}`
  for (const secret of guesses) {
    await expectRefused(`${signed}.${createHmac(alg.replace('HS', 'sha'), secret).update(signed).digest('base64url')}`)
  }
})

test.each([
  ['header', 0],
  ['content', 1],
  ['signature', 2],
])('a token with one bit of its %s turned is refused', async (_what, part) => {
  const parts = good.split('.').map((text) => Buffer.from(text, 'base64url'))
  const bits = (parts[part]?.length ?? 0) * 8
  // Every bit of the signature, and with the others more than 1,000 tokens.
  for (let bit = 0; bit < bits; bit += part === 2 ? 1 : 2) {
    const changed = parts.map((bytes) => Buffer.from(bytes))
    changed[part]?.writeUInt8((parts[part]?.[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3)
    await expectRefused(changed.map((bytes) => bytes.toString('base64url')).join('.'))
  }
})

test('what is no token at all is refused', async () => {
  const [header, payload, signature] = good.split('.')
  const broken = ['x', '..', `${header}.${payload}`, `${header}.${payload}.`, `.${payload}.${signature}`]
  const others = [
    `${good}.${signature}`,
    `${payload}.${header}.${signature}`,
    'a'.repeat(5_000),
    JSON.stringify({ payload }),
  ]
  for (const token of [...broken, ...others]) await expectRefused(token)
  for (const authorization of ['Bearer', 'Bearer ', 'Basic dTpw', good, `Token ${good}`, `Bearer ${good} ${good}`]) {
    expectProblem(await send('GET', '/v1/users/me', { headers: { authorization } }), 401, 'unauthenticated')
  }
  for (const name of ['token', 'access_token']) {
    expectProblem(await send('GET', `/v1/users/me?${name}=${good}`), 401, 'unauthenticated')
  }
})

test('a token that is shown must be good even where none is needed', async () => {
  expectProblem(await send('GET', '/v1/feeds/newest', { token: 'x.y.z' }), 401, 'unauthenticated')
  expectProblem(await send('GET', '/v1/feeds/newest', { token: await expired(good) }), 401, 'token_expired')
})

test('nobody gets an identity by naming it in headers', async () => {
  const headers = {
    'fanone-user-id': String(member.user.id),
    'fanone-session-id': 'x',
    'dapr-caller-app-id': 'gateway',
    'dapr-api-token': 'x',
  }
  expectProblem(await send('GET', '/v1/users/me', { headers }), 401, 'unauthenticated')
  const stranger = await newMember()
  expect((await send('GET', '/v1/users/me', { token: stranger.tokens.accessToken, headers })).json).toEqual(
    stranger.user,
  )
})
