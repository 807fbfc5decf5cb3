import type { CacheRedis, Database } from '@fanone/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountRow } from '../../services/user/src/account/account.entity.ts'
import {
  findAccountById,
  findAccountByUsername,
  insertAccount,
} from '../../services/user/src/account/account.repository.ts'
import { AuditLog } from '../../services/user/src/audit/audit-log.ts'
import { database as definition } from '../../services/user/src/database.ts'
import { ProfileCache } from '../../services/user/src/profile/profile.cache.ts'
import { ProfileService } from '../../services/user/src/profile/profile.service.ts'
import { SessionList } from '../../services/user/src/session/session-list.ts'
import * as totp from '../../services/user/src/totp/totp.repository.ts'
import { explainQueries, wastefulQueries } from '../support/explain.ts'
import { scratchCacheRedis } from '../support/scratch-cache.ts'
import { scratchDatabase, silentLog } from '../support/scratch-database.ts'

const USERS = 2_000

let scratch: Awaited<ReturnType<typeof scratchDatabase>>
let database: Database
let redis: CacheRedis
beforeAll(async () => {
  scratch = await scratchDatabase(definition)
  database = await scratch.open()
  redis = await scratchCacheRedis()
  const users = Array.from({ length: USERS }, (_, index) => index + 1)
  const now = new Date()
  await insert(
    'account (id, username_key, password_hash, created_at)',
    users.map((id) => [id, `user${id}`, 'x', now]),
  )
  await insert(
    'profile (id, username, name, signature, version, created_at, updated_at)',
    users.map((id) => [id, `user${id}`, `User ${id}`, '', 1, now, now]),
  )
  await insert(
    'session (id, user_id, device, address, opened_at, seen_at, expires_at, ended_at)',
    users.map((id) => [
      sessionOf(id),
      id,
      '',
      '',
      now,
      now,
      new Date(now.getTime() + 60_000),
      id % 7 === 0 ? now : null,
    ]),
  )
  for (const table of ['account', 'profile', 'session']) await database.em().execute(`analyze table ${table}`)
})
afterAll(async () => {
  redis.disconnect()
  await scratch.drop()
})

const sessionOf = (userId: number) => `00000000-0000-4000-8000-${String(userId).padStart(12, '0')}`

async function insert(into: string, rows: unknown[][]): Promise<void> {
  const places = rows.map((row) => `(${row.map(() => '?').join()})`).join()
  await database.em().execute(`insert into ${into} values ${places}`, rows.flat() as never, 'run')
}

test('no lookup of a session looks through a table', async () => {
  const list = new SessionList({ database })
  const identity = { userId: 5, sessionId: sessionOf(5) }
  const openedAt = new Date()
  const explained = await explainQueries(database, async () => {
    await list.add({ ...identity, openedAt, credentialsVersion: 1 })
    await list.refreshed({ ...identity, openedAt })
    await list.see(identity.sessionId)
    await list.open(5)
    await list.hasBeenAt(5, '192.0.2.1')
    await list.isOf(5, identity.sessionId)
    await database.transaction((em) => list.endOthers(em, { userId: 6, sessionId: sessionOf(5) }))
    await list.end(identity)
    await list.ended({ endedAt: new Date(openedAt.getTime() + 1), sessionId: '' })
    await list.deleteOld(new AbortController().signal)
  })
  expect(explained.length).toBeGreaterThanOrEqual(8)
  expect(wastefulQueries(explained)).toEqual([])
})

test('no reading of the audit log looks through a table', async () => {
  const audit = new AuditLog({ database })
  const entries = Array.from({ length: 300 }, (_, index) => index)
  await database.transaction(async (em) => {
    for (const index of entries)
      await audit.add(em, {
        userId: (index % 30) + 1,
        action: 'signed_in',
        ...(index % 50 ? {} : { actorRole: 'operator' }),
      })
  })
  await database.em().execute('analyze table audit_event')
  const explained = await explainQueries(database, async () => {
    await audit.list({ userId: 7 }, { limit: 20 })
    await audit.list({ actorId: 7 }, { limit: 20 })
    await audit.list({ actorRole: 'operator' }, { limit: 20 })
    await audit.list({}, { limit: 20 })
    await audit.addFailure(7, undefined)
    await audit.deleteOld(new AbortController().signal)
  })
  expect(explained.length).toBeGreaterThanOrEqual(6)
  expect(wastefulQueries(explained)).toEqual([])
})

test('no lookup of a second factor looks through a table', async () => {
  const now = new Date()
  const explained = await explainQueries(database, () =>
    database.transaction(async (em) => {
      await totp.putPending(em, { userId: 7, sealedSecret: 'x', keyVersion: 1, issuedAt: now })
      await totp.findTotp(em, 7)
      await totp.countAttempt(em, 7, now)
      await totp.markBound(em, 7, { at: now, step: 1 })
      await totp.spendStep(em, 7, 2)
      await totp.replaceRecoveryCodes(em, 7, ['0000-0000-0000-0000'])
      await totp.spendRecoveryCode(em, 7, '0000000000000000', now)
      await totp.countRecoveryCodes(em, 7)
      await totp.findSealedBefore(em, 1, 10)
      await totp.deleteTotp(em, 7)
    }),
  )
  expect(explained.length).toBeGreaterThanOrEqual(8)
  expect(wastefulQueries(explained)).toEqual([])
})

test('no lookup of an account or a profile looks through a table', async () => {
  const cache = new ProfileCache({ redis, database, log: silentLog })
  const profiles = new ProfileService({ database, cache, words: { check: (texts) => texts } })
  const explained = await explainQueries(database, async () => {
    await findAccountById(database.em(), 77)
    await findAccountByUsername(database.em(), 'user77')
    await profiles.getMany([5, 6, 7, 5_000])
    await profiles.edit({ userId: 8, sessionId: 'test' }, { name: 'Renamed' })
    await database.transaction(async (em) => {
      const createdAt = new Date()
      await insertAccount(em, { id: 9_000, usernameKey: 'new', passwordHash: 'x', createdAt } as AccountRow)
      profiles.add(em, { id: 9_000, username: 'new', createdAt })
    })
  })
  expect(explained.length).toBeGreaterThanOrEqual(4)
  expect(wastefulQueries(explained)).toEqual([])
})
