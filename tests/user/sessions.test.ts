import { randomUUID } from 'node:crypto'
import type { Database } from '@fanone/service-kit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { insertAccount, lockAccount } from '../../services/user/src/account/account.repository.ts'
import { database as definition } from '../../services/user/src/database.ts'
import { ENDED_SECONDS, MAX_SESSIONS, SessionList } from '../../services/user/src/session/session-list.ts'
import { scratchDatabase } from '../support/scratch-database.ts'

let scratch: Awaited<ReturnType<typeof scratchDatabase>>
let database: Database
let list: SessionList
let nowMs: number
let userId = 0

beforeAll(async () => {
  scratch = await scratchDatabase(definition)
  database = await scratch.open()
})
afterAll(() => scratch.drop())

beforeEach(async () => {
  nowMs = Date.now()
  list = new SessionList({ database, now: () => new Date(nowMs) })
  userId++
  const account = { id: userId, usernameKey: `user${userId}`, passwordHash: 'x', credentialsVersion: 1 }
  await database.transaction((em) => insertAccount(em, { ...account, createdAt: new Date(nowMs) }))
})

const origin = { device: 'Firefox', address: '192.0.2.1' }
const newSession = () => ({
  userId,
  sessionId: randomUUID() as string,
  openedAt: new Date(nowMs),
  credentialsVersion: 1,
})
async function opened(): Promise<ReturnType<typeof newSession>> {
  const session = newSession()
  await list.add({ ...session, origin })
  return session
}
const openIds = async () => (await list.open(userId)).map(({ id }) => id)
const endedIds = async () => (await list.ended(undefined)).items.map(({ sessionId }) => sessionId)
const endOthers = (session: { userId: number; sessionId: string }) =>
  database.transaction((em) => list.endOthers(em, session))

test('where a user was logged in before is known, also when that has ended', async () => {
  const session = await opened()
  await list.add({ ...newSession(), origin: { device: '', address: '2001:db8:1:2:3:4:5:6' } })
  await list.end(session)
  const asked = ['192.0.2.1', '192.0.2.2', '2001:db8:1:2:ffff::1', '2001:db8:1:3::1', '::ffff:192.0.2.1', '']
  const answers = await Promise.all(asked.map((address) => list.hasBeenAt(userId, address)))
  expect(answers).toEqual([true, false, true, false, false, false])
  expect(await list.hasBeenAt(userId + 1_000, '192.0.2.1')).toBe(false)
})

describe('the sessions of a user', () => {
  test('are listed with device, address and times, the last used first', async () => {
    const [first, second] = [await opened(), await opened()]
    nowMs += 60_000
    const elsewhere = { device: 'Chrome', address: '2001:db8::1' }
    expect(await list.refreshed({ ...first, origin: elsewhere })).toBe(true)
    const [latest, other] = await list.open(userId)
    expect(latest).toMatchObject({
      id: first.sessionId,
      ...elsewhere,
      openedAt: first.openedAt,
      seenAt: new Date(nowMs),
    })
    expect(other).toMatchObject({ id: second.sessionId, ...origin, seenAt: second.openedAt })
  })

  test('that end stay ended, whatever comes too late', async () => {
    const session = await opened()
    await list.end(session)
    const endedAt = (await list.ended(undefined)).items.find(
      ({ sessionId }) => sessionId === session.sessionId,
    )?.endedAt
    nowMs += 1_000
    await list.end(session)
    await list.add({ ...session, origin })
    expect(await list.refreshed(session)).toBe(false)
    expect(await list.see(session.sessionId)).toBe(false)
    expect(await openIds()).toEqual([])
    const { items } = await list.ended(undefined)
    expect(items.find(({ sessionId }) => sessionId === session.sessionId)?.endedAt).toEqual(endedAt)
  })

  test('that a release without this list opened are known from their first refresh, or their end', async () => {
    const [refreshed, ended] = [newSession(), newSession()]
    expect(await list.refreshed(refreshed)).toBe(true)
    await list.end(ended)
    expect(await list.refreshed(ended)).toBe(false)
    expect(await openIds()).toEqual([refreshed.sessionId])
    expect(await endedIds()).toContain(ended.sessionId)
  })

  test('end all but one, and those of others do not', async () => {
    const [kept, other] = [await opened(), await opened()]
    await list.end(await opened())
    expect(await endOthers(kept)).toEqual([other.sessionId])
    expect(await endOthers(kept)).toEqual([])
    expect(await openIds()).toEqual([kept.sessionId])
    expect(await list.isOf(userId + 1_000, kept.sessionId)).toBe(false)
  })

  test('are at most so many: the one that was not used for longest ends', async () => {
    const first = await opened()
    for (let count = 1; count < MAX_SESSIONS; count++) {
      nowMs++
      await opened()
    }
    expect(await endedIds()).not.toContain(first.sessionId)
    nowMs++
    await opened()
    expect(await openIds()).toHaveLength(MAX_SESSIONS)
    expect(await endedIds()).toContain(first.sessionId)
  })

  test('expire, are no longer listed then, and are deleted a day later', async () => {
    const { sessionId } = await opened()
    nowMs += 30 * 24 * 3_600_000
    expect(await openIds()).toEqual([])
    expect(await list.see(sessionId)).toBe(false)
    const { signal } = new AbortController()
    await list.deleteOld(signal)
    expect(await list.isOf(userId, sessionId)).toBe(true)
    nowMs += 24 * 3_600_000 + 1
    await list.deleteOld(signal)
    expect(await list.isOf(userId, sessionId)).toBe(false)
  })
})

describe('the change of a credential', () => {
  const changeCredentials = (kept: { userId: number; sessionId: string }) =>
    database.transaction(async (em) => {
      const account = await lockAccount(em, userId)
      if (account) account.credentialsVersion++
      return list.endOthers(em, kept)
    })

  test('lets nobody stay who was just logging in with the old one', async () => {
    const kept = await opened()
    const [, ...attempts] = await Promise.all([
      changeCredentials(kept),
      ...Array.from({ length: 20 }, () =>
        opened().catch((error) => expect(error).toMatchObject({ code: 'wrong_credentials' })),
      ),
    ])
    expect(attempts).toHaveLength(20)
    expect(await openIds()).toEqual([kept.sessionId])
  })
})

describe('the list of ended sessions', () => {
  test('comes in parts, in order, also where many ended in the same moment', async () => {
    await opened()
    const rows = Array.from({ length: 1_100 }, () => [randomUUID(), userId, new Date(nowMs)])
    const values = rows.map(() => "(?, ?, '', '', now(3), now(3), now(3), ?)").join()
    const columns = 'id, user_id, device, address, opened_at, seen_at, expires_at, ended_at'
    await database.em().execute(`insert into session (${columns}) values ${values}`, rows.flat() as never, 'run')
    const first = await list.ended({ endedAt: new Date(nowMs), sessionId: '' })
    expect(first).toMatchObject({ isLast: false, asOf: new Date(nowMs) })
    const second = await list.ended(first.items.at(-1))
    expect(second.isLast).toBe(true)
    const ids = [...first.items, ...second.items].map(({ sessionId }) => sessionId)
    expect(ids).toEqual(rows.map(([id]) => id).toSorted())
    expect((await list.ended(second.items.at(-1))).items).toEqual([])
  })

  test('begins with those whose access tokens may still be good', async () => {
    const session = await opened()
    await list.end(session)
    nowMs += ENDED_SECONDS * 1_000
    expect(await endedIds()).toContain(session.sessionId)
    nowMs += 1
    expect(await endedIds()).not.toContain(session.sessionId)
  })
})
