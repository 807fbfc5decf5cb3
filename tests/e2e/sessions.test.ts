import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { api, type Member, newMember, pairOf } from '../support/community.ts'
import { expectProblem, send, sendAsIs } from '../support/http.ts'

const refresh = (refreshToken: string) => send('POST', '/v1/sessions/refresh', { json: { refreshToken } })

/** The new refresh token. */
async function rotated(refreshToken: string): Promise<string> {
  return pairOf((await api().sessions.refresh({ refreshToken })).tokens).refreshToken
}

const expectAlive = async (member: Member) => expect(await member.api.users.getMe()).toEqual(member.user)

test('a refresh gives a new pair of tokens for the same user', async () => {
  const member = await newMember()
  const { user, tokens } = await api().sessions.refresh({ refreshToken: member.tokens.refreshToken })
  expect(user).toEqual(member.user)
  expect(tokens.refreshToken).not.toBe(member.tokens.refreshToken)
  expect(tokens.accessToken).not.toBe(member.tokens.accessToken)
  expect(tokens.expiresInSeconds).toBe(900)
  expect(await api(tokens.accessToken).users.getMe()).toEqual(member.user)
  const next = pairOf(tokens).refreshToken
  expect(await rotated(next)).not.toBe(next)
})

test('twenty refreshes with the same token at the same time all get the same one new pair', async () => {
  const { tokens } = await newMember()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => api().sessions.refresh({ refreshToken: tokens.refreshToken })),
  )
  expect(new Set(answers.map((answer) => JSON.stringify(answer.tokens))).size).toBe(1)
  const pair = answers[0]?.tokens
  expect(pair?.refreshToken).not.toBe(tokens.refreshToken)
  expect(await rotated(String(pair?.refreshToken))).toBeTruthy()
})

test('a refresh token that is used again after it was replaced ends the session', async () => {
  const member = await newMember()
  const second = await rotated(member.tokens.refreshToken)
  const third = await rotated(second)
  expectProblem(await refresh(member.tokens.refreshToken), 401, 'refresh_token_invalid')
  expectProblem(await refresh(third), 401, 'refresh_token_invalid')
  expect((await send('POST', '/v1/sessions', { json: { ...credentialsOf(member) } })).status).toBe(201)
})

test('logging out ends the session, and only this one', async () => {
  const member = await newMember()
  const other = await api().sessions.logIn(credentialsOf(member))
  const logOut = () => sendAsIs('DELETE', '/v1/sessions/current', bearer(member.tokens.accessToken))
  expect(await logOut()).toMatchObject({ status: 204, text: '' })
  expectProblem(await refresh(member.tokens.refreshToken), 401, 'refresh_token_invalid')
  expect((await logOut()).status).toBe(204)
  expect((await refresh(pairOf(other.tokens).refreshToken)).status).toBe(200)
})

test('a session that was ended while it was refreshed stays ended', async () => {
  const member = await newMember()
  const attempts = Array.from({ length: 10 }, () => refresh(member.tokens.refreshToken))
  const [answers] = await Promise.all([Promise.all(attempts), member.api.sessions.logOut()])
  for (const answer of answers) {
    if (answer.status !== 200) expectProblem(answer, 401, 'refresh_token_invalid')
    else {
      const { tokens } = answer.json as { tokens: { refreshToken: string } }
      expectProblem(await refresh(tokens.refreshToken), 401, 'refresh_token_invalid')
    }
  }
})

test("a guessed refresh token is refused and does not end anybody's session", async () => {
  const member = await newMember()
  const [sessionId, secret = ''] = member.tokens.refreshToken.split('.')
  const flipped = (secret[0] === 'A' ? 'B' : 'A') + secret.slice(1)
  for (const guess of [
    `${sessionId}.${flipped}`,
    `${randomUUID()}.${secret}`,
    String(sessionId),
    '.',
    'x'.repeat(500),
  ]) {
    expectProblem(await refresh(guess), 401, 'refresh_token_invalid')
  }
  expect(await rotated(member.tokens.refreshToken)).toBeTruthy()
})

test.each([{}, { refreshToken: '' }, { refreshToken: 7 }, { refreshToken: 'x'.repeat(501) }])(
  'a refresh with %j is not a valid request',
  async (json) => {
    expectProblem(await send('POST', '/v1/sessions/refresh', { json }), 400, 'invalid_input')
  },
)

test('answers with tokens are kept by nobody on the way', async () => {
  const member = await newMember()
  const answers = [
    await send('POST', '/v1/sessions', { json: credentialsOf(member) }),
    await refresh(member.tokens.refreshToken),
    await send('POST', '/v1/sessions', { json: { username: 'x', password: 'y' } }),
  ]
  for (const { headers } of answers) expect(headers.get('cache-control')).toBe('no-store')
  await expectAlive(member)
})

function credentialsOf(member: Member) {
  return { username: member.user.username, password: member.password }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
