import { generateSync } from 'otplib'
import { describe, expect, test } from 'vitest'
import { api, type Member, newMember } from '../support/community.ts'
import { call } from '../support/compat.ts'
import { expectProblem, send } from '../support/http.ts'

const codeOf = (secret: string, offsetSeconds = 0) =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + offsetSeconds })
const logIn = ({ user, password }: Member, code?: string) =>
  send('POST', '/v1/sessions', { json: { username: user.username, password, code } })
const tokenOf = ({ tokens }: Member) => tokens.accessToken

async function bound() {
  const member = await newMember()
  const { secret } = await member.api.totp.issue()
  const { recoveryCodes } = await member.api.totp.confirm({ secret, code: codeOf(secret) })
  return { member, secret, recoveryCodes }
}

describe('a log-in with a second factor', () => {
  test('needs a code behind the right password, on every API, and takes each once', async () => {
    const { member, secret } = await bound()
    const { username } = member.user
    expectProblem(await logIn(member), 403, 'mfa_code_missing')
    expectProblem(await logIn({ ...member, password: 'not it' }), 401, 'wrong_credentials')
    const parameters = { username, password: member.password }
    const fanone = await call('POST', '/user/login', { parameters })
    expect(fanone.json).toMatchObject({ base: { code: 11005 } })
    const douyin = await call('POST', '/douyin/user/login/', { parameters })
    expect(douyin.json).toMatchObject({ status_code: 11005, user_id: 0, token: '' })
    const code = codeOf(secret, 30)
    const uses = await Promise.all(Array.from({ length: 5 }, () => logIn(member, code)))
    expect(uses.filter(({ status }) => status === 201)).toHaveLength(1)
    expectProblem(await logIn(member, code), 403, 'mfa_code_invalid')
  })

  test('takes a recovery code, and the second factor can be removed', async () => {
    const { member, recoveryCodes } = await bound()
    expect((await logIn(member, recoveryCodes[0])).status).toBe(201)
    expect(await member.api.totp.status()).toEqual({ isBound: true, recoveryCodesLeft: 9 })
    await member.api.totp.unbind({ password: member.password, code: String(recoveryCodes[1]) })
    expect((await logIn(member)).status).toBe(201)
    expect(await member.api.totp.status()).toEqual({ isBound: false, recoveryCodesLeft: 0 })
  })
})

test('new recovery codes are made for a code, and nobody on the way keeps them', async () => {
  const { member, secret, recoveryCodes } = await bound()
  const answer = await send('POST', '/v1/users/me/totp/recovery-codes', {
    token: tokenOf(member),
    json: { code: codeOf(secret, 30) },
  })
  expect(answer.status).toBe(201)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expectProblem(await logIn(member, recoveryCodes[0]), 403, 'mfa_code_invalid')
  const [fresh] = (answer.json as { recoveryCodes: string[] }).recoveryCodes
  expect((await logIn(member, fresh)).status).toBe(201)
})

test("a secret is its caller's", async () => {
  const [member, stranger] = [await newMember(), await newMember()]
  const { secret } = await member.api.totp.issue()
  await stranger.api.totp.issue()
  const answer = await send('PUT', '/v1/users/me/totp', {
    token: tokenOf(stranger),
    json: { secret, code: codeOf(secret) },
  })
  expectProblem(answer, 422, 'mfa_secret_unknown')
  expectProblem(await send('POST', '/v1/users/me/totp'), 401, 'unauthenticated')
  expect((await api().sessions.logIn({ username: stranger.user.username, password: stranger.password })).user.id).toBe(
    stranger.user.id,
  )
})
