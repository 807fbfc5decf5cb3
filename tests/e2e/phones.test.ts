import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { api, GOOD_PASSWORD, newMember } from '../support/community.ts'
import { expectProblem, send } from '../support/http.ts'
import { codeSentTo, newPhone } from '../support/phones.ts'
import { home, portBase, root } from '../support/stack.ts'

const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

describe('a phone', () => {
  test('registers by a code; a password joins it, and both open the same account', async () => {
    const phone = newPhone()
    await api().phones.sendCode({ phone, purpose: 'sign_in' })
    const code = await codeSentTo(phone, 'sign_in')
    expectProblem(
      await send('POST', '/v1/sessions/phone', { json: { phone, code: other(code) } }),
      403,
      'phone_code_invalid',
    )
    const { user, tokens, isNew } = await api().phones.signIn({ phone, code })
    expect(isNew).toBe(true)
    const me = api(tokens.accessToken)
    expect((await me.users.getMe()).id).toBe(user.id)
    expect(await me.phones.status()).toEqual({ phone: expect.stringMatching(/^\+86\*{9}\d\d$/), hasPassword: false })

    await api()
      .phones.sendCode({ phone, purpose: 'new_password' })
      .then(
        () => expect.fail('a second code within a minute'),
        (error) => expect(error).toMatchObject({ code: 'too_many_requests' }),
      )
    expect((await me.users.securityEvents({ limit: 5 as never })).items.map(({ action }) => action)).toEqual([
      'signed_up',
    ])
  })

  test('is joined to an account of a user name, opens it, and is removed again', async () => {
    const member = await newMember()
    const { password } = member
    const phone = newPhone()
    await member.api.phones.sendOwnCode({ phone })
    const code = await codeSentTo(phone, 'join')
    const joining = { phone, code, password }
    const stranger = await newMember()
    const theirs = { token: stranger.tokens.accessToken, json: { ...joining, password: stranger.password } }
    expectProblem(await send('PUT', '/v1/users/me/phone', theirs), 403, 'phone_code_invalid')
    await member.api.phones.join(joining)
    expect((await member.api.phones.status()).hasPassword).toBe(true)
    await member.api.phones.remove({ password })
    expect(await member.api.phones.status()).toEqual({ phone: null, hasPassword: true })
    const none = await send('POST', '/v1/users/me/phone/codes', { token: member.tokens.accessToken, json: {} })
    expectProblem(none, 409, 'phone_not_joined')
  })

  test('gets its next code a minute later, and no new password without one', async () => {
    const member = await newMember()
    const phone = newPhone()
    await member.api.phones.sendOwnCode({ phone })
    await member.api.phones.join({ phone, code: await codeSentTo(phone, 'join'), password: member.password })
    // A minute has to pass until the next code to this number; nobody waits for it here.
    const early = await send('POST', '/v1/phone-codes', { json: { phone, purpose: 'new_password' } })
    expectProblem(early, 429, 'too_many_requests')
    expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0)
    const wrong = { phone, code: '000000', newPassword: GOOD_PASSWORD }
    expectProblem(await send('PUT', '/v1/passwords/phone', { json: wrong }), 403, 'phone_code_invalid')
  })

  test.each(['13800138000', '+86138001380001234', '+8612', '+0138001380', '+861380013800a', '', ' +8613800138000'])(
    'is not %j',
    async (phone) => {
      const answer = await send('POST', '/v1/phone-codes', { json: { phone, purpose: 'sign_in' } })
      expectProblem(answer, 400, 'invalid_input')
    },
  )

  test('is told its code by npm run codes', async () => {
    const phone = newPhone()
    await api().phones.sendCode({ phone, purpose: 'sign_in' })
    const code = await codeSentTo(phone, 'sign_in')
    const env = { FANONE_HOME: home, FANONE_PORT_BASE: String(portBase) }
    const { stdout } = await execa('npm', ['run', '-s', 'codes', '--', phone], { cwd: root, env })
    expect(stdout).toContain(`${phone}  ${code}  sign_in`)
  })
})

test('whether a number is known is not seen in the answer', async () => {
  const known = newPhone()
  await api().phones.sendCode({ phone: known, purpose: 'sign_in' })
  await api().phones.signIn({ phone: known, code: await codeSentTo(known, 'sign_in') })
  const wrong = async (phone: string) => {
    const { status, json } = await send('POST', '/v1/sessions/phone', { json: { phone, code: '000000' } })
    return { status, json: { ...(json as object), traceId: undefined } }
  }
  expect(await wrong(known)).toEqual(await wrong(newPhone()))
})
