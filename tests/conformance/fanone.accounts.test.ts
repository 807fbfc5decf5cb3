import { beforeAll, expect, test } from 'vitest'
import { GOOD_PASSWORD, type Member, newMember, randomName } from '../support/community.ts'
import { call, inUtc8, type Parameters } from '../support/compat.ts'
import { send } from '../support/http.ts'
import { expired } from '../support/tokens.ts'
import { expectCode, headersOf, of, read, success, User } from './fanone-tables.ts'

let member: Member
/** The two token headers of the member. */
let tokens: { 'Access-Token': string; 'Refresh-Token': string }
beforeAll(async () => {
  member = await newMember('fanone')
  tokens = headersOf(member)
})

const credentials = () => ({ username: member.user.username, password: member.password })
const info = (headers: Record<string, string>, parameters: Parameters = {}) =>
  call('GET', '/user/info', { headers, parameters })

test.each(['form', 'multipart'] as const)('1: registering by %s answers success and nothing else', async (as) => {
  for (const path of ['/user/register', '/user/register/']) {
    const parameters = { username: randomName(), password: GOOD_PASSWORD }
    const answer = await call('POST', path, { parameters, as })
    expect(answer).toMatchObject({ status: 200, json: { base: success } })
    expect(answer.json).toEqual({ base: success })
    expectCode(await call('POST', path, { parameters, as }), 11000)
  }
})

test.each<[number, string, Parameters]>([
  [12002, 'a user name of 2 characters', { username: 'ab', password: GOOD_PASSWORD }],
  [12003, 'a user name of 33 characters', { username: 'x'.repeat(33), password: GOOD_PASSWORD }],
  [11003, 'a password of 5 characters', { username: 'somebody', password: '12345' }],
  [12004, 'a password of 65 characters', { username: 'somebody', password: 'x'.repeat(65) }],
  [10002, 'no password', { username: 'somebody' }],
  [10002, 'no user name', { password: GOOD_PASSWORD }],
  [10002, 'nothing', {}],
  [10002, 'signs in the user name', { username: 'a b/c?', password: GOOD_PASSWORD }],
])('1: code %i for %s', async (code, _what, parameters) => {
  for (const as of ['form', 'multipart'] as const)
    expectCode(await call('POST', '/user/register', { parameters, as }), code)
})

test('1: a body that is no form is a wrong parameter', async () => {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ username: randomName(), password: GOOD_PASSWORD })
  expectCode(await send('POST', '/user/register', { headers, body }), 10002)
  expectCode(await send('POST', '/user/register', { headers: { 'content-type': 'multipart/form-data' }, body }), 10002)
})

test.each(['/user/login', '/user/login/'])(
  '2: logging in at %s answers the user, and tokens as headers',
  async (path) => {
    const answer = await call('POST', path, { parameters: { ...credentials(), code: '' } })
    expect(read(answer, of(User)).data).toEqual({
      id: String(member.user.id),
      username: member.user.username,
      avatar_url: member.user.avatarUrl,
      created_at: inUtc8(member.user.createdAt),
      updated_at: inUtc8(member.user.updatedAt),
      deleted_at: '',
    })
    const [accessToken, refreshToken] = [answer.headers.get('access-token'), answer.headers.get('refresh-token')]
    expect(read(await info({ 'Access-Token': String(accessToken) }), of(User)).data.id).toBe(String(member.user.id))
    expect((await send('POST', '/v1/sessions/refresh', { json: { refreshToken } })).status).toBe(200)
  },
)

test('2: a wrong password and an unknown user are the same error, without tokens', async () => {
  const { username } = credentials()
  for (const parameters of [
    { username, password: 'not it' },
    { username: randomName(), password: 'not it' },
  ]) {
    const answer = await call('POST', '/user/login', { parameters })
    expectCode(answer, 11002)
    expect(answer.headers.get('access-token')).toBeNull()
  }
  expectCode(await call('POST', '/user/login', { parameters: { username } }), 10002)
})

test('3: who asks without a user id asks about themselves', async () => {
  const expected = { id: String(member.user.id), username: member.user.username }
  expect(read(await info(tokens), of(User)).data).toMatchObject(expected)
  expect(read(await info(tokens, { user_id: '' }), of(User)).data).toMatchObject(expected)
  const bearer = { authorization: `Bearer ${member.tokens.accessToken}` }
  expect(read(await call('GET', '/user/info/', { headers: bearer }), of(User)).data).toMatchObject(expected)
})

test('3: anybody who is logged in may ask about anybody', async () => {
  const other = await newMember()
  const { data } = read(await info(tokens, { user_id: String(other.user.id) }), of(User))
  expect(data).toMatchObject({ id: String(other.user.id), username: other.user.username })
  expectCode(await info(tokens, { user_id: '4711' }), 11001)
})

test.each(['abc', '-1', '0', '1.5', '1e3', '99999999999999999'])('3: user id %j is a wrong parameter', async (id) => {
  expectCode(await info(tokens, { user_id: id }), 10002)
})

test('no token is 10005, a bad one 10004, an expired one 10006, with a bad refresh token 10007', async () => {
  const old = await expired(member.tokens.accessToken)
  expectCode(await info({}), 10005)
  expectCode(await info({ 'Refresh-Token': member.tokens.refreshToken }), 10005)
  expectCode(await info({ 'Access-Token': 'x.y.z' }), 10004)
  expectCode(await info({ 'Access-Token': 'x.y.z', 'Refresh-Token': member.tokens.refreshToken }), 10004)
  expectCode(await info({ 'Access-Token': old }), 10006)
  expectCode(await info({ 'Access-Token': old, 'Refresh-Token': 'x' }), 10007)
})

test('an expired access token beside a good refresh token succeeds and is replaced, for all who come at once', async () => {
  const { user, tokens: pair } = await newMember()
  const old = { 'Access-Token': await expired(pair.accessToken), 'Refresh-Token': pair.refreshToken }
  const answers = await Promise.all(Array.from({ length: 10 }, () => info(old)))
  const renewed = answers.map((answer) => {
    expect(read(answer, of(User)).data.id).toBe(String(user.id))
    return [answer.headers.get('new-access-token'), answer.headers.get('new-refresh-token')]
  })
  expect(new Set(renewed.map(String)).size).toBe(1)
  const [accessToken, refreshToken] = renewed[0] ?? []
  expect(refreshToken).not.toBe(pair.refreshToken)
  const next = await info({ 'Access-Token': String(accessToken), 'Refresh-Token': String(refreshToken) })
  expect(read(next, of(User)).data.id).toBe(String(user.id))
  expect(next.headers.get('new-access-token')).toBeNull()
})
