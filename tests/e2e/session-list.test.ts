import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { api, type Member, newMember } from '../support/community.ts'
import { call } from '../support/compat.ts'
import { expectProblem, send } from '../support/http.ts'
import { startSecondGateway } from '../support/second-gateway.ts'
import { apiUrl, eventually } from '../support/stack.ts'

const credentialsOf = ({ user, password }: Member) => ({ username: user.username, password })
const logIn = async (member: Member, password = member.password) =>
  (await api().sessions.logIn({ ...credentialsOf(member), password })).tokens

let secondUrl: string
let stopSecond: () => Promise<void>
beforeAll(async () => {
  const second = await startSecondGateway({})
  secondUrl = second.url
  stopSecond = second.stop
})
afterAll(() => stopSecond())

const isRefusedAt = async (gateway: string, token: string) => {
  const { status } = await send('GET', `${gateway}/v1/users/me`, { token })
  return status === 401
}
/** Every gateway refuses the token; how soon, tests/load/in-time.test.ts measures. */
const expectRefused = (token: string) =>
  Promise.all(
    [apiUrl, secondUrl].map((gateway) =>
      eventually(() => isRefusedAt(gateway, token), { what: 'the token is refused' }),
    ),
  )
const expectAccepted = async (token: string) => expect(await isRefusedAt(secondUrl, token)).toBe(false)

describe('the list of sessions', () => {
  test('says from where, from when, and which one asks', async () => {
    const member = await newMember()
    const json = credentialsOf(member)
    await send('POST', '/v1/sessions', { json, headers: { 'user-agent': 'Fan\tOne/1.0 (test)' } })
    const { items } = await member.api.sessions.list()
    expect(items).toHaveLength(2)
    expect(items[0]).toMatchObject({ device: 'Fan One/1.0 (test)', address: '127.0.0.1', isCurrent: false })
    expect(items[1]).toMatchObject({ isCurrent: true })
    const age = Date.now() - Date.parse(String(items[0]?.createdAt))
    expect(age).toBeGreaterThanOrEqual(0)
    expect(age).toBeLessThan(60_000)
  })

  test('follows a refresh, on every API', async () => {
    const member = await newMember()
    const tokens = await logIn(member)
    const headers = { 'user-agent': 'Later/2.0' }
    await send('POST', '/v1/sessions/refresh', { json: { refreshToken: tokens.refreshToken }, headers })
    const [latest] = (await member.api.sessions.list()).items
    expect(latest).toMatchObject({ device: 'Later/2.0', isCurrent: false })
  })
})

describe('an ended session', () => {
  test('is refused by every gateway, and the others go on', async () => {
    const member = await newMember()
    const [ended, other] = [await logIn(member), await logIn(member)]
    const { items } = await api(ended.accessToken).sessions.list()
    const id = String(items.find(({ isCurrent }) => isCurrent)?.id)
    await member.api.sessions.end({ id })
    await expectRefused(ended.accessToken)
    expectProblem(
      await send('POST', '/v1/sessions/refresh', { json: { refreshToken: ended.refreshToken } }),
      401,
      'refresh_token_invalid',
    )
    await expectAccepted(other.accessToken)
    await expectAccepted(member.tokens.accessToken)
    await member.api.sessions.end({ id })
    expect((await member.api.sessions.list()).items.map((session) => session.id)).not.toContain(id)
    // A gateway that starts behind its end refuses it from its first request on.
    const late = await startSecondGateway({})
    expect(await isRefusedAt(late.url, ended.accessToken)).toBe(true)
    await late.stop()
  })

  test('is refused after a log-out too, and after a refresh token was used twice', async () => {
    const member = await newMember()
    const tokens = await logIn(member)
    await api(tokens.accessToken).sessions.logOut()
    const renewed = (await api().sessions.refresh({ refreshToken: member.tokens.refreshToken })).tokens
    const again = (await api().sessions.refresh({ refreshToken: renewed.refreshToken })).tokens
    expectProblem(
      await send('POST', '/v1/sessions/refresh', { json: { refreshToken: member.tokens.refreshToken } }),
      401,
      'refresh_token_invalid',
    )
    await Promise.all([tokens, renewed, again].map(({ accessToken }) => expectRefused(accessToken)))
  })

  test('is one of all others, by one request', async () => {
    const member = await newMember()
    const others = [await logIn(member), await logIn(member)]
    await member.api.sessions.endOthers()
    await Promise.all(others.map(({ accessToken }) => expectRefused(accessToken)))
    expect((await member.api.sessions.list()).items).toMatchObject([{ isCurrent: true }])
    await expectAccepted(member.tokens.accessToken)
  })

  test("cannot be somebody else's", async () => {
    const [member, stranger] = [await newMember(), await newMember()]
    const id = String((await member.api.sessions.list()).items[0]?.id)
    for (const unknown of [id, randomUUID()]) {
      const answer = await send('DELETE', `/v1/sessions/${unknown}`, { token: stranger.tokens.accessToken })
      expectProblem(answer, 404, 'session_not_found')
    }
    const odd = await send('DELETE', '/v1/sessions/x', { token: stranger.tokens.accessToken })
    expectProblem(odd, 400, 'invalid_input')
    await expectAccepted(member.tokens.accessToken)
  })
})

describe('the token of the Douyin API', () => {
  const logInThere = async (member: Member) => {
    const { json } = await call('POST', '/douyin/user/login/', { parameters: credentialsOf(member) })
    return (json as { token: string }).token
  }
  const whoIs = async (token: string, gateway = '') =>
    (await call('GET', `${gateway}/douyin/user/`, { parameters: { token } })).json as {
      status_code: number
      user?: { id: number }
    }

  test('is good for 30 days, there and nowhere else', async () => {
    const member = await newMember()
    const token = await logInThere(member)
    const claims = JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString()) as Record<
      string,
      number
    >
    expect(Number(claims.exp) - Number(claims.iat)).toBe(30 * 24 * 3_600)
    expect(await whoIs(token)).toMatchObject({ status_code: 0, user: { id: member.user.id } })
    expectProblem(await send('GET', '/v1/users/me', { token }), 401, 'unauthenticated')
    const { json } = await call('GET', '/user/info', { headers: { 'access-token': token } })
    expect(json).toMatchObject({ base: { code: 10004 } })
  })

  test('ends with its session, at every gateway', async () => {
    const member = await newMember()
    const token = await logInThere(member)
    expect(await whoIs(token, secondUrl)).toMatchObject({ status_code: 0 })
    await member.api.sessions.endOthers()
    for (const gateway of ['', secondUrl]) {
      await eventually(async () => (await whoIs(token, gateway)).status_code === 10004)
    }
    const feed = await call('GET', '/douyin/feed/', { parameters: { token } })
    expect(feed.json).toMatchObject({ status_code: 0 })
  })
})

describe('a change of password', () => {
  const change = (token: string, currentPassword: string, newPassword: string) =>
    send('PUT', '/v1/users/me/password', { token, json: { currentPassword, newPassword } })

  test('ends all other sessions; the old password is good for nothing, the new one for a log-in', async () => {
    const member = await newMember()
    const other = await logIn(member)
    const newPassword = randomUUID()
    expect((await change(member.tokens.accessToken, member.password, newPassword)).status).toBe(204)
    // Its answer was lost, say, and it comes again.
    expect((await change(member.tokens.accessToken, member.password, newPassword)).status).toBe(204)
    await expectRefused(other.accessToken)
    await expectAccepted(member.tokens.accessToken)
    expectProblem(await send('POST', '/v1/sessions', { json: credentialsOf(member) }), 401, 'wrong_credentials')
    await logIn(member, newPassword)
  })

  test('needs the current password', async () => {
    const member = await newMember()
    expectProblem(await change(member.tokens.accessToken, 'not it', randomUUID()), 403, 'wrong_password')
    expectProblem(await change(member.tokens.accessToken, member.password, 'short'), 400, 'invalid_input')
    await logIn(member)
  })
})
