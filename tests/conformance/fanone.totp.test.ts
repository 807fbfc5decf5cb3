import { generateSync } from 'otplib'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { newMember } from '../support/community.ts'
import { call } from '../support/compat.ts'
import { expectCode, headersOf, of, read, success, User } from './fanone-tables.ts'

const Mfa = of(z.strictObject({ secret: z.string().regex(/^[A-Z2-7]{16,}$/), qrcode: z.string() }))
const codeOf = (secret: string, offsetSeconds = 0) =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + offsetSeconds })

test('5, 6 and 2: a second factor is issued, bound, and needed from then on', async () => {
  const member = await newMember('fanone')
  const headers = headersOf(member)
  const { secret, qrcode } = read(await call('GET', '/auth/mfa/qrcode', { headers }), Mfa).data
  expect(qrcode).toMatch(/^data:image\/png;base64,/)
  const bind = (parameters: Record<string, string>) => call('POST', '/auth/mfa/bind', { headers, parameters })
  expectCode(await bind({ secret, code: codeOf(secret, 3_600) }), 11004)
  expectCode(await bind({ secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', code: '123456' }), 10002)
  expectCode(await bind({ secret }), 10002)
  const parameters = { username: member.user.username, password: member.password }
  read(await call('POST', '/user/login', { parameters }), of(User))
  const spent = codeOf(secret)
  expect((await bind({ secret, code: spent })).json).toEqual({ base: success })

  const logIn = (code: string) => call('POST', '/user/login', { parameters: { ...parameters, code } })
  expectCode(await call('POST', '/user/login', { parameters }), 11005)
  expectCode(await logIn(''), 11005)
  expectCode(await logIn('000000'), 11004)
  expectCode(await logIn(spent), 11004)
  const code = codeOf(secret, 30)
  const answer = await logIn(code)
  expect(read(answer, of(User)).data.username).toBe(member.user.username)
  expect(answer.headers.get('access-token')).toMatch(/^ey/)
  expectCode(await logIn(code), 11004)
  expectCode(await call('GET', '/auth/mfa/qrcode', { headers }), -1)
})

test('5 and 6 need a token', async () => {
  expectCode(await call('GET', '/auth/mfa/qrcode'), 10005)
  expectCode(await call('POST', '/auth/mfa/bind', { parameters: { secret: 'x', code: '123456' } }), 10005)
})
