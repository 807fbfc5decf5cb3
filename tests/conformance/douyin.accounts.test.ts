import { randomInt } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { api, GOOD_PASSWORD, type Member, newMember, randomName } from '../support/community.ts'
import { call, type Parameters } from '../support/compat.ts'
import { expired } from '../support/tokens.ts'
import { expectError, OneUser, plainUser, read, SignedIn } from './douyin-tables.ts'

const nobody = { user_id: 0, token: '' }
let member: Member
let token: string
beforeAll(async () => {
  member = await newMember('douyin')
  token = member.tokens.accessToken
})

const REGISTER = '/douyin/user/register/'
const LOG_IN = '/douyin/user/login/'

test.each(['query', 'form', 'multipart'] as const)('2, 3: registering and logging in by %s', async (as) => {
  for (const slash of ['/', '']) {
    const parameters = { username: randomName(), password: 'seven bridges over the cold Elbe' }
    const path = (full: string) => full.replace(/\/$/, slash)
    const registered = read(await call('POST', path(REGISTER), { parameters, as }), SignedIn)
    const loggedIn = read(await call('POST', path(LOG_IN), { parameters, as }), SignedIn)
    expect(loggedIn.user_id).toBe(registered.user_id)
    for (const { token } of [registered, loggedIn]) {
      const { user } = read(await call('GET', path('/douyin/user/'), { parameters: { token } }), OneUser)
      expect(user).toMatchObject({ id: registered.user_id, name: parameters.username })
    }
  }
})

test('2, 3: parameters may be divided between query and form', async () => {
  const username = randomName()
  for (const path of [REGISTER, LOG_IN]) {
    const url = `${path}?username=${username}`
    expect(
      read(await call('POST', url, { parameters: { password: GOOD_PASSWORD } }), SignedIn).user_id,
    ).toBeGreaterThan(0)
  }
})

test.each<[string, () => Parameters]>([
  ['a name that is taken', () => ({ username: member.user.username, password: GOOD_PASSWORD })],
  ['a name that shows nothing', () => ({ username: '\u200b\u2800', password: GOOD_PASSWORD })],
  ['a name of 33 characters', () => ({ username: 'x'.repeat(33), password: GOOD_PASSWORD })],
  ['a short password', () => ({ username: randomName(), password: '12345' })],
  ['a password of 33 characters', () => ({ username: randomName(), password: 'x'.repeat(33) })],
  ['no password', () => ({ username: randomName() })],
  ['nothing', () => ({})],
])('2: registering with %s fails and still has all fields', async (_what, parameters) => {
  for (const as of ['query', 'form'] as const)
    expectError(await call('POST', REGISTER, { parameters: parameters(), as }), nobody)
})

test('2: names that the other APIs do not give live in the same store: unique, and everybody logs in everywhere', async () => {
  const ideograph = () => String.fromCodePoint(randomInt(0x4e00, 0x9fa5))
  for (const name of [`${randomName('a')}@example.org`, ideograph() + ideograph()]) {
    const parameters = { username: name, password: GOOD_PASSWORD }
    const { user_id } = read(await call('POST', REGISTER, { parameters }), SignedIn)
    const again = { ...parameters, username: name.toUpperCase() }
    expectError(await call('POST', REGISTER, { parameters: again }), nobody)
    expect(read(await call('POST', LOG_IN, { parameters }), SignedIn).user_id).toBe(user_id)
    const { user } = await api().sessions.logIn(parameters)
    expect(user).toMatchObject({ id: user_id, username: name, name })
    const fanone = await call('POST', '/user/login', { parameters })
    expect(fanone.json).toMatchObject({ base: { code: 10000 }, data: { id: String(user_id), username: name } })
    await expect(api().users.register(parameters)).rejects.toMatchObject({ code: 'invalid_input' })
  }
})

test('3: a failed log-in is the same for everybody and still has all fields', async () => {
  const wrong = await call('POST', LOG_IN, { parameters: { username: member.user.username, password: 'not it' } })
  const unknown = await call('POST', LOG_IN, { parameters: { username: randomName(), password: 'not it' } })
  expectError(wrong, nobody)
  expect(unknown.json).toEqual(wrong.json)
  expectError(await call('POST', LOG_IN), nobody)
})

test('4: a user is shown with every field, zeros and false too', async () => {
  const own = await call('GET', '/douyin/user/', { parameters: { token } })
  expect(read(own, OneUser).user).toEqual(plainUser(member))
  const other = await newMember()
  await other.api.users.editMe({ name: '小明 🎬', signature: 'hello' })
  const parameters = { user_id: String(other.user.id), token }
  const { user } = read(await call('GET', '/douyin/user/', { parameters }), OneUser)
  expect(user).toEqual({ ...plainUser(other), name: '小明 🎬', signature: 'hello' })
})

test('4: no token, a bad one, an old one and a user that is not there are errors', async () => {
  const userId = String(member.user.id)
  const old = await expired(token)
  for (const parameters of [{}, { token: '' }, { token: 'x.y.z' }, { token: old }, { token, user_id: '4711' }])
    expectError(await call('GET', '/douyin/user/', { parameters: { user_id: userId, ...parameters } }))
  for (const wrong of ['abc', '-1', '0', '99999999999999999'])
    expectError(await call('GET', '/douyin/user/', { parameters: { token, user_id: wrong } }))
})
