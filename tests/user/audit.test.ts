import type { Database } from '@fanone/service-kit'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { AuditLog, MAX_FAILURES_AN_HOUR } from '../../services/user/src/audit/audit-log.ts'
import { database as definition } from '../../services/user/src/database.ts'
import { scratchDatabase } from '../support/scratch-database.ts'

let scratch: Awaited<ReturnType<typeof scratchDatabase>>
let database: Database
let audit: AuditLog
let nowMs: number
let userId = 0

beforeAll(async () => {
  scratch = await scratchDatabase(definition)
  database = await scratch.open()
})
afterAll(() => scratch.drop())
beforeEach(() => {
  nowMs = Date.now()
  audit = new AuditLog({ database, now: () => new Date(nowMs) })
  userId++
})

const origin = { device: 'Firefox', address: '2001:db8::1' }
const add = (entry: Omit<Parameters<AuditLog['add']>[1], 'userId'>) =>
  database.transaction((em) => audit.add(em, { userId, origin, ...entry }))
const actions = async () => (await audit.list({ userId }, { limit: 1_000 })).map(({ action }) => action)

test('an entry says who, what, when, from where and why, and goes with its transaction', async () => {
  const why = { actorId: 77, actorRole: 'operator', subject: { kind: 'session', id: 'x' }, reason: 'spam' } as const
  await add({ action: 'session_ended', ...why })
  const undone = database.transaction(async (em) => {
    await audit.add(em, { userId, action: 'signed_in' })
    throw new Error('nothing happened')
  })
  await expect(undone).rejects.toThrow('nothing happened')
  const [entry, ...others] = await audit.list({ userId }, { limit: 10 })
  expect(others).toEqual([])
  const by = { actorId: 77, actorRole: 'operator', subjectKind: 'session', subjectId: 'x', reason: 'spam' }
  expect(entry).toMatchObject({ userId, action: 'session_ended', ...origin, ...by, at: new Date(nowMs) })
})

test('entries are found by user, actor, role and action, the newest first', async () => {
  for (const action of ['signed_up', 'signed_in', 'signed_out'] as const) await add({ action })
  expect(await actions()).toEqual(['signed_out', 'signed_in', 'signed_up'])
  const [newest] = await audit.list({ userId }, { limit: 1 })
  const older = await audit.list({ userId }, { before: newest?.id, limit: 10 })
  expect(older.map(({ action }) => action)).toEqual(['signed_in', 'signed_up'])
  expect(await audit.list({ userId, actorRole: 'operator' }, { limit: 10 })).toEqual([])
  expect(await audit.list({ actorId: userId, action: 'signed_in' }, { limit: 10 })).toHaveLength(1)
})

test('failures are noted so often in an hour, and no more', async () => {
  for (let count = 0; count < MAX_FAILURES_AN_HOUR + 5; count++) await audit.addFailure(userId, origin)
  expect(await actions()).toHaveLength(MAX_FAILURES_AN_HOUR)
  nowMs += 61 * 60_000
  await audit.addFailure(userId, origin)
  expect(await actions()).toHaveLength(MAX_FAILURES_AN_HOUR + 1)
})

test('half a year later what users did is forgotten, and what operators did is not', async () => {
  await add({ action: 'signed_in' })
  await add({ action: 'session_ended', actorId: 77, actorRole: 'operator' })
  await audit.deleteOld(new AbortController().signal)
  expect(await actions()).toHaveLength(2)
  nowMs += 181 * 24 * 60 * 60_000
  await audit.deleteOld(new AbortController().signal)
  expect(await actions()).toEqual(['session_ended'])
})
