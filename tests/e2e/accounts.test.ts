import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { HashQueue } from '../../services/user/src/password/hash-queue.ts'
import { PasswordHasher } from '../../services/user/src/password/password-hasher.ts'
import { api, GOOD_PASSWORD, newMember, randomName } from '../support/community.ts'
import { call } from '../support/compat.ts'
import { expectProblem, send } from '../support/http.ts'
import { connectAsRoot } from '../support/scratch-database.ts'

const register = (username: string, password: string, key?: string) =>
  send('POST', '/v1/users', {
    json: { username, password },
    headers: key === undefined ? {} : { 'idempotency-key': key },
  })

const logIn = (username: string, password: string) => send('POST', '/v1/sessions', { json: { username, password } })

/** Letters outside the basic plane: one code point, two UTF-16 units, four bytes each. */
const rareLetters = (count: number) =>
  String.fromCodePoint(...Array.from({ length: count }, () => randomInt(0x20000, 0x2a6d0)))

test.each([3, 32])('a user name may have %i characters, counted as people count', async (length) => {
  const username = rareLetters(length)
  const answer = await register(username, GOOD_PASSWORD)
  expect(answer.status).toBe(201)
  expect(answer.json).toMatchObject({ user: { username, name: username } })
  expect((await logIn(username, GOOD_PASSWORD)).status).toBe(201)
})

test.each(['ab', '', '   ab   ', 'x'.repeat(33), 'with space', 'slash/name', 'nul\0name', 'lone\ud800', '<script>'])(
  'user name %j is refused',
  async (username) => {
    const { issues } = expectProblem(await register(username, GOOD_PASSWORD), 400, 'invalid_input')
    expect(issues?.[0]?.path).toBe('username')
  },
)

test.each([6, 64])('a password may have %i characters of any kind', async (length) => {
  const [username, password] = [randomName(), rareLetters(length)]
  expect((await register(username, password)).status).toBe(201)
  expect((await logIn(username, password)).status).toBe(201)
  expectProblem(await logIn(username, [...password].slice(1).join('')), 401, 'wrong_credentials')
})

test.each(['123456', 'Passw0rd!', 'x'.repeat(64), 'qwertyuiop'])(
  'the password %s is too common, on every API',
  async (password) => {
    const username = randomName()
    const { detail } = expectProblem(await register(username, password), 422, 'password_too_common')
    expect(detail).toMatch(/^The password .*; take some words more/)
    const short = password.slice(0, 32)
    const form = { username, password: short }
    const fanone = await call('POST', '/user/register', { parameters: form })
    expect(fanone.json).toMatchObject({ base: { code: 10002, msg: expect.stringContaining('take some words more') } })
    const douyin = await call('POST', '/douyin/user/register/', { parameters: form })
    expect(douyin.json).toMatchObject({ status_code: 10002, user_id: 0, token: '' })
    const member = await newMember()
    const change = { currentPassword: member.password, newPassword: password }
    const answer = await send('PUT', '/v1/users/me/password', { token: member.tokens.accessToken, json: change })
    expectProblem(answer, 422, 'password_too_common')
  },
)

test('a password that was set before it was too common still opens its account, on every API', async () => {
  const { user } = await newMember()
  const form = { username: user.username, password: '123456' }
  const hasher = await PasswordHasher.create(new HashQueue({ concurrency: 1, maxWaitMs: 60_000 }))
  const root = await connectAsRoot()
  const values = [await hasher.hash(form.password), user.id]
  await root.query('update user.account set password_hash = ? where id = ?', values)
  await root.end()
  expect((await logIn(form.username, form.password)).status).toBe(201)
  expect((await call('POST', '/user/login', { parameters: form })).json).toMatchObject({ base: { code: 10000 } })
  expect((await call('POST', '/douyin/user/login/', { parameters: form })).json).toMatchObject({ status_code: 0 })
})

test.each([5, 65])('a password of %i characters is refused', async (length) => {
  const { issues } = expectProblem(await register(randomName(), '🔑'.repeat(length)), 400, 'invalid_input')
  expect(issues?.[0]?.path).toBe('password')
})

test('user names that differ only in case or in how they were typed are one name', async () => {
  const tail = randomBytes(6).toString('hex')
  expect((await register(`Éva_${tail}`, GOOD_PASSWORD)).status).toBe(201)
  for (const same of [`éVA_${tail.toUpperCase()}`, `E\u0301va_${tail}`, `Ｅ\u0301va_${tail}`, ` Éva_${tail} `]) {
    expectProblem(await register(same, GOOD_PASSWORD), 409, 'username_taken')
    expect((await logIn(same, GOOD_PASSWORD)).status).toBe(201)
  }
  expect((await register(`Eva_${tail}`, GOOD_PASSWORD)).status).toBe(201)
})

test('an unknown user and a wrong password get the same answer', async () => {
  const { user } = await newMember()
  const [wrong, unknown] = [await logIn(user.username, 'not it'), await logIn(randomName(), 'not it')]
  const [first, second] = [wrong, unknown].map((answer) => expectProblem(answer, 401, 'wrong_credentials'))
  expect({ ...second, traceId: '' }).toEqual({ ...first, traceId: '' })
  expect([...unknown.headers.keys()]).toEqual([...wrong.headers.keys()])
})

test('of registrations of one name at the same time exactly one wins', async () => {
  const username = randomName()
  const passwords = Array.from({ length: 4 }, () => randomUUID())
  const answers = await Promise.all(passwords.map((password) => register(username, password)))
  const lost = answers.filter(({ status }) => status !== 201)
  expect(lost).toHaveLength(3)
  // Where the machine is so busy that hashing has a queue, they may also be told to come back
  // later.
  for (const { status } of lost) expect(status).toBeOneOf([409, 429])
  for (const [index, password] of passwords.entries()) {
    expect((await logIn(username, password)).status).toBe(answers[index]?.status === 201 ? 201 : 401)
  }
})

test('a registration repeated with its Idempotency-Key answers the same again, also at the same time', async () => {
  const [username, key] = [randomName(), randomUUID()]
  const answers = await Promise.all([1, 2, 3].map(() => register(username, GOOD_PASSWORD, key)))
  answers.push(await register(username, GOOD_PASSWORD, key))
  for (const answer of answers) expect(answer).toMatchObject({ status: 201, json: answers[0]?.json })
  expectProblem(await register(username, GOOD_PASSWORD), 409, 'username_taken')
})

test('an Idempotency-Key belongs to one request', async () => {
  const [username, key] = [randomName(), randomUUID()]
  expect((await register(username, GOOD_PASSWORD, key)).status).toBe(201)
  expectProblem(await register(username, 'other secret', key), 422, 'idempotency_key_reused')
  const another = randomName()
  expectProblem(await register(another, GOOD_PASSWORD, key), 422, 'idempotency_key_reused')
  expect((await register(another, GOOD_PASSWORD)).status).toBe(201)
})

test.each([
  ['is empty', ''],
  ['is too long', 'x'.repeat(256)],
  ['has a space', 'with space'],
  ['is not ASCII', 'schlüssel'],
])('an Idempotency-Key that %s is refused', async (_what, key) => {
  expectProblem(await register(randomName(), GOOD_PASSWORD, key), 400, 'invalid_input')
})

test.each([
  ['a family of emoji', '👨‍👩‍👧‍👦 Müller'],
  ['rare letters', '𠜎𠜱𠝹'],
  ['right to left', 'שלום عالم'],
  ['quotes and markup', `O'Neil"); -- \\ <b>%00`],
  ['32 emoji', '🎬'.repeat(32)],
])('a name of %s is kept exactly', async (_what, name) => {
  const member = await newMember()
  const edited = await member.api.users.editMe({ name, signature: `${name}\n\t${name}` })
  expect(edited).toEqual({ ...member.user, name, signature: `${name}\n\t${name}`, updatedAt: edited.updatedAt })
  expect(await api().users.get({ id: member.user.id })).toEqual(edited)
  expect(await member.api.users.getMe()).toEqual(edited)
})

test('a profile edit changes what is given and nothing else, and only when something is given', async () => {
  const member = await newMember()
  const named = await member.api.users.editMe({ name: '  trimmed  ' })
  expect(named).toMatchObject({ name: 'trimmed', signature: '', username: member.user.username })
  const signed = await member.api.users.editMe({ signature: 'hello' })
  expect(signed).toMatchObject({ name: 'trimmed', signature: 'hello' })
  expect(await member.api.users.editMe({})).toEqual(signed)
  expect(await member.api.users.editMe({ name: 'trimmed' })).toEqual(signed)
})

test.each<Record<string, unknown>>([
  { name: '' },
  { name: ' \n ' },
  { name: '🎬'.repeat(33) },
  { name: 'nul\0' },
  { name: 'lone \ud83c' },
  { name: 'bell\u0007' },
  { name: null },
  { name: 7 },
  { signature: 'x'.repeat(201) },
  { signature: '\udc00' },
  { signature: ['x'] },
])('profile edit %j is refused and changes nothing', async (edit) => {
  const member = await newMember()
  const answer = await send('PATCH', '/v1/users/me', { token: member.tokens.accessToken, json: edit })
  const { issues } = expectProblem(answer, 400, 'invalid_input')
  expect(issues?.[0]?.path).toBe(Object.keys(edit)[0])
  expect(await member.api.users.getMe()).toEqual(member.user)
})

test('profiles come in batches: in the order asked for, each once, unknown ones left out', async () => {
  const [first, second] = [await newMember(), await newMember()]
  const ids = [second.user.id, 4711, first.user.id, second.user.id].join(',')
  expect(await api().users.getMany({ ids })).toEqual({ items: [second.user, first.user] })
  expect(await api().users.getMany({ ids: '4711' })).toEqual({ items: [] })
})

test.each(['', ',', '1,', '0', '-1', '1.5', 'abc', '1;2', '1e3', '99999999999999999'])(
  'a batch of the ids %j is refused',
  async (ids) => {
    expectProblem(await send('GET', `/v1/users?ids=${encodeURIComponent(ids)}`), 400, 'invalid_input')
  },
)

test('a batch holds at most 100 ids', async () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => index + 1).join(',')
  expect((await send('GET', `/v1/users?ids=${ids(100)}`)).status).toBe(200)
  expectProblem(await send('GET', `/v1/users?ids=${ids(101)}`), 400, 'invalid_input')
})

test('an unknown user is not found', async () => {
  expectProblem(await send('GET', '/v1/users/4711'), 404, 'user_not_found')
})
