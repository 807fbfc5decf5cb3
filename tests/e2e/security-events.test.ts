import { generateSync } from 'otplib'
import { expect, test } from 'vitest'
import { api, newMember } from '../support/community.ts'
import { send } from '../support/http.ts'

test('what happened to an account is shown to its user, page by page, and to nobody else', async () => {
  const member = await newMember()
  const { username } = member.user
  const headers = { 'user-agent': 'Fan/1.0' }
  await send('POST', '/v1/sessions', { json: { username, password: 'not it' }, headers })
  const session = await api().sessions.logIn({ username, password: member.password })
  await api(session.tokens.accessToken).sessions.logOut()
  await api().sessions.logIn({ username, password: member.password })
  await member.api.sessions.endOthers()
  const newPassword = `${member.password}!`
  await member.api.users.changePassword({ currentPassword: member.password, newPassword })
  const { secret } = await member.api.totp.issue()
  const { recoveryCodes } = await member.api.totp.confirm({ secret, code: generateSync({ secret }) })
  await member.api.totp.unbind({ password: newPassword, code: String(recoveryCodes[0]) })

  const all: { action: string; device: string; address: string; at: string }[] = []
  let cursor: string | undefined
  do {
    const page = await member.api.users.securityEvents({ limit: 3 as never, ...(cursor ? { cursor } : {}) })
    all.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(all.map(({ action }) => action)).toEqual([
    'second_factor_removed',
    'second_factor_bound',
    'password_changed',
    'other_sessions_ended',
    'signed_in',
    'signed_out',
    'signed_in',
    'sign_in_failed',
    'signed_up',
  ])
  expect(all[7]).toMatchObject({ device: 'Fan/1.0', address: '127.0.0.1' })
  for (const { address, at } of all) {
    expect(address).toBe('127.0.0.1')
    expect(Math.abs(Date.now() - Date.parse(at))).toBeLessThan(120_000)
  }
  const stranger = await newMember()
  const theirs = await stranger.api.users.securityEvents({ limit: 100 as never })
  expect(theirs.items.map(({ action }) => action)).toEqual(['signed_up'])
})
