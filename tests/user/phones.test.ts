import { randomUUID } from 'node:crypto'
import { generateSync } from 'otplib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { phoneParts } from './phone-parts.ts'

const clock = { nowMs: 0 }
let parts: Awaited<ReturnType<typeof phoneParts>>
let phone: string
let count = 0

beforeAll(async () => {
  parts = await phoneParts(clock)
})
afterAll(() => parts.close())
beforeEach(() => {
  clock.nowMs = Math.floor(Date.now() / 30_000) * 30_000
  phone = newPhone()
})

const newPhone = () => `+8613800${String(138_000 + count++).padStart(6, '0')}`
const refused = (code: string) => expect.objectContaining({ code })
const operator = { userId: 1_000_000, sessionId: 'none', role: 'operator' } as const
const origin = { device: 'Firefox', address: '192.0.2.1' }
type Purpose = 'sign_in' | 'new_password' | 'join'
type Who = { userId: number; sessionId: string }

/** The code that was sent to a number last. */
async function delivered(number = phone): Promise<string> {
  await parts.one.delivery.deliver()
  return String(parts.sent.findLast((message) => message.number === number)?.code)
}
async function codeFor(purpose: Purpose, { number = phone, by }: { number?: string; by?: Who } = {}): Promise<string> {
  await parts.one.phones.sendCode(by, { phone: number, purpose }, randomUUID())
  return delivered(number)
}
async function ownCode(who: Who, number = phone): Promise<string> {
  clock.nowMs += 60_000
  await parts.one.phones.sendOwnCode(who, randomUUID())
  return delivered(number)
}
const signIn = (code: string, { key = randomUUID() as string, at = parts.one, number = phone, ...rest } = {}) =>
  at.phones.signIn({ phone: number, code, origin, ...rest }, key)
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
/** A new account that only its phone opens. */
async function member(): Promise<Who> {
  const { user } = await signIn(await codeFor('sign_in'))
  clock.nowMs += 60_000
  return { userId: user.id, sessionId: 'none' }
}
const setPassword = async (newPassword: string) => {
  const code = await codeFor('new_password')
  await parts.one.phones.recover(
    { phone, code, newPassword, origin },
    { idempotencyKey: randomUUID(), signal: undefined },
  )
  clock.nowMs += 60_000
}
const actionsOf = async ({ userId }: Who) =>
  (await parts.one.audit.list({ userId }, { limit: 100 })).map(({ action }) => action)

describe('a code', () => {
  test('opens an account that it makes, and the same one next time', async () => {
    const code = await codeFor('sign_in')
    expect(code).toMatch(/^\d{6}$/)
    const first = await signIn(code)
    expect(first).toMatchObject({ isNew: true, user: { username: `fan${first.user.id}` } })
    clock.nowMs += 60_000
    const again = await signIn(await codeFor('sign_in'), { at: parts.two })
    expect(again).toMatchObject({ isNew: false, user: { id: first.user.id } })
    expect(again.tokens.refreshToken).not.toBe(first.tokens.refreshToken)
    expect(await actionsOf({ userId: first.user.id, sessionId: '' })).toEqual(['signed_in', 'signed_up'])
  })

  test('of 50 uses at the same time, at two instances, opens one session', async () => {
    const { userId } = await member()
    const code = await codeFor('sign_in')
    const uses = Array.from({ length: 50 }, (_, index) => signIn(code, { at: index % 2 ? parts.one : parts.two }))
    const outcomes = await Promise.allSettled(uses)
    const allowed = ['phone_code_invalid', 'unavailable', 'POOL_TIMEOUT']
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(allowed).toContain(outcome.reason.code)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await parts.one.list.open(userId)).toHaveLength(2)
  })

  test('shown again by a repeat of its call opens the same session, and no other', async () => {
    const code = await codeFor('sign_in')
    const key = randomUUID()
    const first = await signIn(code, { key })
    expect(await signIn(code, { key, at: parts.two })).toEqual(first)
    await expect(signIn(other(code), { key })).rejects.toEqual(refused('phone_code_invalid'))
    await expect(signIn(code)).rejects.toEqual(refused('phone_code_invalid'))
  })

  test('can be tried five times, however many try at once', async () => {
    const code = await codeFor('sign_in')
    const tries = Array.from({ length: 20 }, (_, index) =>
      signIn(other(code), { at: index % 2 ? parts.one : parts.two }),
    )
    await Promise.allSettled(tries)
    await expect(signIn(code)).rejects.toEqual(refused('phone_code_invalid'))
    const rows = await parts.query(
      `select attempts from $phone_code where number_index = '${parts.one.keys.indexOf(phone)}'`,
    )
    expect(rows).toEqual([{ attempts: 5 }])
    clock.nowMs += 60_000
    await signIn(await codeFor('sign_in'))
  })

  test('is good for five minutes, and until the next one', async () => {
    const code = await codeFor('sign_in')
    clock.nowMs += 5 * 60_000 + 1
    await expect(signIn(code)).rejects.toEqual(refused('phone_code_invalid'))
    const second = await codeFor('sign_in')
    clock.nowMs += 60_000
    const third = await codeFor('sign_in')
    if (second !== third) await expect(signIn(second)).rejects.toEqual(refused('phone_code_invalid'))
    await signIn(third)
  })

  test('is for one number and one purpose, and those that belong to an account are for who asked', async () => {
    const [ann, number] = [await member(), newPhone()]
    const code = await codeFor('sign_in', { number })
    await expect(signIn(code)).rejects.toEqual(refused('phone_code_invalid'))
    const recover = parts.one.phones.recover(
      { phone: number, code, newPassword: 'tin roof & rain', origin },
      { idempotencyKey: undefined, signal: undefined },
    )
    await expect(recover).rejects.toEqual(refused('phone_code_invalid'))
    clock.nowMs += 60_000
    const joining = await codeFor('join', { number, by: { userId: ann.userId + 1, sessionId: '' } })
    const proof = { phoneCode: await ownCode(ann) }
    const join = parts.one.phones.join(ann, { phone: number, code: joining, ...proof }, undefined)
    await expect(join).rejects.toEqual(refused('phone_code_invalid'))
    await expect(codeFor('join', { number })).rejects.toEqual(refused('unauthenticated'))
  })

  test('is sent once a minute and ten times a day to one number, whoever asks', async () => {
    const ask = (at = parts.one) => at.phones.sendCode(undefined, { phone, purpose: 'sign_in' }, randomUUID())
    const burst = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) => ask(index % 2 ? parts.one : parts.two)),
    )
    expect(burst.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (let sent = 1; sent < 10; sent++) {
      clock.nowMs += 60_000
      await ask()
    }
    clock.nowMs += 60_000
    const refusal = await ask().catch((error) => error)
    expect(refusal).toMatchObject({ code: 'too_many_requests' })
    expect(refusal.retryAfterSeconds).toBe(24 * 60 * 60 - 10 * 60)
    clock.nowMs += 24 * 60 * 60_000
    await ask()
  })

  test('is asked for again by a repeat without another message', async () => {
    const key = randomUUID()
    const ask = () => parts.two.phones.sendCode(undefined, { phone, purpose: 'sign_in' }, key)
    await ask()
    await ask()
    await delivered()
    expect(parts.sent.filter(({ number }) => number === phone)).toHaveLength(1)
  })

  test('for a new password is no answer to whether a number is known', async () => {
    const [known, unknown] = [phone, newPhone()]
    await member()
    for (const number of [known, unknown]) {
      await codeFor('new_password', { number })
      const sent = parts.sent.filter((message) => message.number === number && message.purpose === 'new_password')
      expect(sent).toHaveLength(1)
    }
    const recover = parts.one.phones.recover(
      { phone: unknown, code: await delivered(unknown), newPassword: 'tin roof & rain', origin },
      { idempotencyKey: undefined, signal: undefined },
    )
    await expect(recover).rejects.toEqual(refused('phone_code_invalid'))
  })

  test('opens nothing without the second factor, where one is bound, and is not used up by that', async () => {
    const ann = await member()
    const { secret } = await parts.one.totp.issue(ann)
    const { recoveryCodes } = await parts.one.totp.confirm(ann, { secret, code: mfa(secret) }, 'key')
    const code = await codeFor('sign_in')
    await expect(signIn(code)).rejects.toEqual(refused('mfa_code_missing'))
    await expect(signIn(other(code), { mfaCode: String(recoveryCodes[0]) } as never)).rejects.toEqual(
      refused('phone_code_invalid'),
    )
    await expect(signIn(code, { mfaCode: '0000-0000-0000-0000' } as never)).rejects.toEqual(refused('mfa_code_invalid'))
    expect(await signIn(code, { mfaCode: String(recoveryCodes[0]) } as never)).toMatchObject({ isNew: false })
  })
})

test('a code opens nothing for who is banned, and says why', async () => {
  const { userId } = await member()
  await parts.one.bans.ban(operator, userId, { reason: 'spam', origin })
  const detail = expect.stringContaining('spam')
  await expect(signIn(await codeFor('sign_in'))).rejects.toMatchObject({ code: 'account_banned', detail })
})

const mfa = (secret: string) => generateSync({ secret, epoch: Math.floor(clock.nowMs / 1_000) })

describe('the phone of an account', () => {
  test('is changed by a code to the new number and proof of the account; the old one opens it no more', async () => {
    const ann = await member()
    const [old, next] = [phone, newPhone()]
    const code = await codeFor('join', { number: next, by: ann })
    const join = (proof: object) => parts.one.phones.join(ann, { phone: next, code, origin, ...proof }, undefined)
    await expect(join({})).rejects.toEqual(refused('wrong_password'))
    await expect(join({ password: '' })).rejects.toEqual(refused('wrong_password'))
    const phoneCode = await ownCode(ann)
    await join({ phoneCode })
    await join({ phoneCode })
    expect(await parts.two.phones.status(ann)).toEqual({
      phone: expect.stringMatching(/^\+86\*+\d\d$/),
      hasPassword: false,
    })
    clock.nowMs += 60_000
    phone = next
    expect((await signIn(await codeFor('sign_in'))).user.id).toBe(ann.userId)
    clock.nowMs += 60_000
    phone = old
    expect((await signIn(await codeFor('sign_in'))).isNew).toBe(true)
    expect(await actionsOf(ann)).toContain('phone_joined')
  })

  test('is not that of another account', async () => {
    const ann = await member()
    const theirs = phone
    phone = newPhone()
    const bob = await member()
    await setPassword('tin roof & rain')
    const code = await codeFor('join', { number: theirs, by: bob })
    const join = parts.one.phones.join(bob, { phone: theirs, code, password: 'tin roof & rain', origin }, undefined)
    await expect(join).rejects.toEqual(refused('phone_taken'))
    expect((await parts.one.phones.status(ann)).phone).not.toBeNull()
  })

  test('is removed where a password opens the account, and not where nothing else does', async () => {
    const ann = await member()
    const remove = (proof: object) => parts.one.phones.remove(ann, { origin, ...proof }, undefined)
    await expect(remove({ phoneCode: await ownCode(ann) })).rejects.toEqual(refused('last_way_in'))
    clock.nowMs += 60_000
    await setPassword('tin roof & rain')
    await expect(remove({ password: 'not it' })).rejects.toEqual(refused('wrong_password'))
    await remove({ password: 'tin roof & rain' })
    await remove({ password: 'tin roof & rain' })
    expect(await parts.one.phones.status(ann)).toEqual({ phone: null, hasPassword: true })
    await expect(parts.one.phones.sendOwnCode(ann, undefined)).rejects.toEqual(refused('phone_not_joined'))
  })

  test('gives it a new password, which ends all sessions; a repeat changes nothing', async () => {
    const ann = await member()
    expect(await parts.one.list.open(ann.userId)).toHaveLength(1)
    const code = await codeFor('new_password')
    const call = { idempotencyKey: randomUUID(), signal: undefined }
    const recover = (newPassword: string) => parts.two.phones.recover({ phone, code, newPassword, origin }, call)
    await recover('tin roof & rain')
    await recover('tin roof & rain')
    await expect(recover('rain on a tin roof')).rejects.toEqual(refused('idempotency_key_reused'))
    expect(await parts.one.list.open(ann.userId)).toHaveLength(0)
    expect((await parts.one.phones.status(ann)).hasPassword).toBe(true)
    expect((await actionsOf(ann)).filter((action) => action === 'password_recovered')).toHaveLength(1)
  })

  test('is nowhere in the database as text, nor is a code, also while it waits to be sent', async () => {
    await parts.one.phones.sendCode(undefined, { phone, purpose: 'sign_in' }, randomUUID())
    const tables = ['phone', 'phone_code', 'code_message', 'idempotency', 'audit_event']
    const read = async () =>
      JSON.stringify(await Promise.all(tables.map((table) => parts.query(`select * from $${table}`))))
    const before = await read()
    const code = await delivered()
    await signIn(code)
    const text = before + (await read())
    for (const secret of [phone, phone.slice(1), phone.slice(3)]) expect(text).not.toContain(secret)
    expect(text).not.toMatch(new RegExp(`\\b${code}\\b`))
  })

  test('is sealed anew after a rotation, so that the old key can go', async () => {
    const ann = await member()
    await parts.rotated(1, 2).phones.resealOld(new AbortController().signal)
    expect((await parts.rotated(2).phones.status(ann)).phone).not.toBeNull()
  })
})
