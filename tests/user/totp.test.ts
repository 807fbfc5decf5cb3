import { hkdfSync, randomBytes } from 'node:crypto'
import type { Database } from '@fanone/service-kit'
import { generateSync } from 'otplib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { insertAccount } from '../../services/user/src/account/account.repository.ts'
import { AuditLog } from '../../services/user/src/audit/audit-log.ts'
import { database as definition } from '../../services/user/src/database.ts'
import { Sealer } from '../../services/user/src/secret/sealer.ts'
import { TotpService } from '../../services/user/src/totp/totp.service.ts'
import { scratchDatabase } from '../support/scratch-database.ts'

let scratch: Awaited<ReturnType<typeof scratchDatabase>>
/** Two instances of the service. */
let databases: Database[]
let totp: TotpService
let other: TotpService
let nowMs: number
let userId = 0

const keys = [1, 2].map((version) => ({ version, key: randomBytes(24).toString('hex') }))
const sealerOf = (...versions: number[]) =>
  Sealer.parse(JSON.stringify(keys.filter(({ version }) => versions.includes(version))))
const derive = (purpose: string, sizeBytes: number) => Buffer.from(hkdfSync('sha256', 'test', '', purpose, sizeBytes))
const parts = (database: Database, sealer = sealerOf(1)) => ({
  database,
  sealer,
  hasher: {
    verify: async (_hash: string | undefined, password: string) => password === 'right',
    requireRoom: () => {},
  },
  profiles: { get: async (id: number) => ({ id, username: 'ann' }) as never },
  signingKeys: { derive },
  audit: new AuditLog({ database, now: () => new Date(nowMs) }),
  now: () => new Date(nowMs),
})

beforeAll(async () => {
  scratch = await scratchDatabase(definition)
  databases = [await scratch.open(), await scratch.open()]
})
afterAll(() => scratch.drop())
beforeEach(async () => {
  nowMs = Math.floor(Date.now() / 30_000) * 30_000
  const [one, two] = databases as [Database, Database]
  totp = new TotpService(parts(one))
  other = new TotpService(parts(two))
  userId++
  const account = { id: userId, usernameKey: `user${userId}`, passwordHash: 'x', credentialsVersion: 1 }
  await one.transaction((em) => insertAccount(em, { ...account, createdAt: new Date(nowMs) }))
})

const me = () => ({ userId, sessionId: 's' })
const codeOf = (secret: string, offsetSeconds = 0) =>
  generateSync({ secret, epoch: Math.floor(nowMs / 1_000) + offsetSeconds })
const spend = (service: TotpService, code: string) =>
  (databases[service === totp ? 0 : 1] as Database).transaction((em) => service.spend(em, userId, code))
const refused = (code: string) => expect.objectContaining({ code })
async function bound(): Promise<{ secret: string; recoveryCodes: string[] }> {
  const { secret } = await totp.issue(me())
  return { secret, ...(await totp.confirm(me(), { secret, code: codeOf(secret) }, 'key')) }
}
async function winners(uses: (() => Promise<unknown>)[]): Promise<number> {
  const outcomes = await Promise.allSettled(uses.map((use) => use()))
  // Where the machine is busy, some do not get a connection or a lock in time.
  const refusals = ['mfa_code_invalid', 'unavailable', 'POOL_TIMEOUT']
  for (const outcome of outcomes) if (outcome.status === 'rejected') expect(refusals).toContain(outcome.reason.code)
  return outcomes.filter(({ status }) => status === 'fulfilled').length
}
const fifty = (code: string) => Array.from({ length: 50 }, (_, index) => () => spend(index % 2 ? totp : other, code))

describe('a secret', () => {
  test('is bound by a code of it, and not kept as text', async () => {
    const { secret, uri, qrCode } = await totp.issue(me())
    expect(uri).toMatch(/^otpauth:\/\/totp\/FanOne:ann\?/)
    expect(uri).toContain(`secret=${secret}`)
    expect(qrCode).toMatch(/^data:image\/png;base64,/)
    expect(await totp.isBound(userId)).toBe(false)
    const [rows] = await scratch.admin.query(`select * from ${scratch.name}.totp`)
    expect(JSON.stringify(rows)).not.toContain(secret)
    const { recoveryCodes } = await totp.confirm(me(), { secret, code: codeOf(secret) }, 'key')
    expect(new Set(recoveryCodes).size).toBe(10)
    for (const code of recoveryCodes) expect(code).toMatch(/^([0-9a-z]{4}-){3}[0-9a-z]{4}$/)
    expect(await totp.status(me())).toEqual({ isBound: true, recoveryCodesLeft: 10 })
    const [codes] = await scratch.admin.query(`select * from ${scratch.name}.recovery_code`)
    for (const code of recoveryCodes) expect(JSON.stringify(codes)).not.toContain(code.replaceAll('-', ''))
  })

  test('is answered again to a repeat, and replaced later', async () => {
    const first = await totp.issue(me())
    expect(await other.issue(me())).toEqual(first)
    nowMs += 60_000
    const second = await totp.issue(me())
    expect(second.secret).not.toBe(first.secret)
    const late = totp.confirm(me(), { secret: first.secret, code: codeOf(first.secret) }, 'key')
    await expect(late).rejects.toEqual(refused('mfa_secret_unknown'))
  })

  test('cannot be bound 15 minutes later, nor one of somebody else, nor by a wrong code', async () => {
    const { secret } = await totp.issue(me())
    const wrong = totp.confirm(me(), { secret, code: codeOf(secret, 3_600) }, 'key')
    await expect(wrong).rejects.toEqual(refused('mfa_code_invalid'))
    const foreign = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
    const theirs = totp.confirm(me(), { secret: foreign, code: codeOf(foreign) }, 'key')
    await expect(theirs).rejects.toEqual(refused('mfa_secret_unknown'))
    nowMs += 15 * 60_000
    const late = totp.confirm(me(), { secret, code: codeOf(secret) }, 'key')
    await expect(late).rejects.toEqual(refused('mfa_secret_unknown'))
    expect(await totp.isBound(userId)).toBe(false)
  })

  test('is bound once: a repeat gets the same recovery codes, and another call none', async () => {
    const { secret, recoveryCodes } = await bound()
    expect(await other.confirm(me(), { secret, code: codeOf(secret) }, 'key')).toEqual({ recoveryCodes })
    const again = totp.confirm(me(), { secret, code: codeOf(secret) }, 'another key')
    await expect(again).rejects.toEqual(refused('mfa_already_bound'))
    await expect(totp.issue(me())).rejects.toEqual(refused('mfa_already_bound'))
  })
})

describe('a code', () => {
  test('of 50 uses at the same time, at two instances, one succeeds', async () => {
    const { secret } = await bound()
    nowMs += 30_000
    expect(await winners(fifty(codeOf(secret)))).toBe(1)
  })

  test('that was used, at whichever instance, is refused, and so are older ones', async () => {
    const { secret } = await bound()
    await expect(spend(other, codeOf(secret))).rejects.toEqual(refused('mfa_code_invalid'))
    await spend(totp, codeOf(secret, 30))
    await expect(spend(other, codeOf(secret, 30))).rejects.toEqual(refused('mfa_code_invalid'))
    await expect(spend(other, codeOf(secret))).rejects.toEqual(refused('mfa_code_invalid'))
    nowMs += 60_000
    await spend(other, codeOf(secret))
  })

  test('may be a step early or late, and no more', async () => {
    const { secret } = await bound()
    nowMs += 300_000
    for (const offset of [-60, 60]) {
      await expect(spend(totp, codeOf(secret, offset))).rejects.toEqual(refused('mfa_code_invalid'))
    }
    for (const offset of [-30, 0, 30]) await spend(totp, codeOf(secret, offset))
  })

  test.each(['', '12345', '1234567', 'abcdef', '１２３４５６', "' or 1=1", '-12345'])('is not %j', async (code) => {
    await bound()
    await expect(spend(totp, code)).rejects.toEqual(refused('mfa_code_invalid'))
  })

  test('can be guessed ten times in a quarter of an hour, however many guess at once; its owner has others', async () => {
    const { recoveryCodes } = await bound()
    const guesses = Array.from({ length: 50 }, (_, index) => (index % 2 ? totp : other).admit(userId, '000000'))
    const admitted = (await Promise.allSettled(guesses)).filter(({ status }) => status === 'fulfilled')
    expect(admitted).toHaveLength(10)
    await expect(totp.admit(userId, '000000')).rejects.toEqual(refused('too_many_requests'))
    await totp.admit(userId, String(recoveryCodes[0]))
    nowMs += 15 * 60_000 + 1
    await totp.admit(userId, '000000')
  })
})

describe('a recovery code', () => {
  test('is good once, of 50 uses at the same time, however it is typed', async () => {
    const { recoveryCodes } = await bound()
    expect(await winners(fifty(String(recoveryCodes[3]).toUpperCase().replaceAll('-', ' ')))).toBe(1)
    expect(await totp.status(me())).toEqual({ isBound: true, recoveryCodesLeft: 9 })
  })

  test("is nobody else's", async () => {
    const { recoveryCodes } = await bound()
    const [one] = databases as [Database]
    const theirs = one.transaction((em) => totp.spend(em, userId + 1_000, String(recoveryCodes[0])))
    await expect(theirs).rejects.toEqual(refused('mfa_code_invalid'))
  })

  test('is void when new ones are made; a repeat gets those again', async () => {
    const { secret, recoveryCodes: old } = await bound()
    const code = codeOf(secret, 30)
    const renewed = await totp.renewRecoveryCodes(me(), { code }, 'next')
    expect(await other.renewRecoveryCodes(me(), { code }, 'next')).toEqual(renewed)
    await expect(spend(totp, String(old[0]))).rejects.toEqual(refused('mfa_code_invalid'))
    await spend(totp, String(renewed.recoveryCodes[0]))
  })
})

describe('unbinding', () => {
  test('takes the password and a code; twice is harmless', async () => {
    const { secret, recoveryCodes } = await bound()
    const unbind = (password: string, code: string) => totp.unbind(me(), { password, code }, undefined)
    await expect(unbind('wrong', codeOf(secret, 30))).rejects.toEqual(refused('wrong_password'))
    await expect(unbind('right', '000000')).rejects.toEqual(refused('mfa_code_invalid'))
    expect(await totp.isBound(userId)).toBe(true)
    await unbind('right', String(recoveryCodes[0]))
    await unbind('right', String(recoveryCodes[0]))
    expect(await totp.status(me())).toEqual({ isBound: false, recoveryCodesLeft: 0 })
  })
})

test('after a rotation of the key old secrets still open, and are sealed anew, so that the old key can go', async () => {
  const { secret } = await bound()
  const [one] = databases as [Database]
  const rotated = new TotpService(parts(one, sealerOf(1, 2)))
  await spend(rotated, codeOf(secret, 30))
  await rotated.resealOld(new AbortController().signal)
  nowMs += 60_000
  const withoutOld = new TotpService(parts(one, sealerOf(2)))
  await one.transaction((em) => withoutOld.spend(em, userId, codeOf(secret)))
})
