import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AuditLog } from '../../services/user/src/audit/audit-log.ts'
import { BanService } from '../../services/user/src/ban/ban.service.ts'
import { OperatorService } from '../../services/user/src/operator/operator.service.ts'
import { SessionList } from '../../services/user/src/session/session-list.ts'
import { type UserParts, userParts } from './user-parts.ts'

const DAY_MS = 24 * 60 * 60 * 1_000
const operator = { userId: 1_000_000, sessionId: 'test', role: 'operator' } as const
const origin = { device: 'Console', address: '192.0.2.7' }

let parts: UserParts
let list: SessionList
let audit: AuditLog
let bans: BanService
let operators: OperatorService
const marked: string[] = []
beforeAll(async () => {
  parts = await userParts()
  const { database, profiles } = parts
  list = new SessionList({ database })
  audit = new AuditLog({ database })
  const sessions = { markEnded: async (ids: string[]) => void marked.push(...ids) }
  bans = new BanService({ database, profiles, list, sessions, audit })
  operators = new OperatorService({ database, list, sessions, audit })
})
afterAll(() => parts.close())

const logIn = async (userId: number, credentialsVersion = 1) => {
  const sessionId = randomUUID()
  const role = await list.add({ userId, sessionId, openedAt: new Date(), credentialsVersion })
  return { sessionId, role }
}
const actsOn = async (userId: number) =>
  (await audit.list({ userId }, { limit: 100 })).map(({ action, actorId, actorRole, reason, address }) => ({
    action,
    actorId,
    actorRole,
    reason,
    address,
  }))
const updatesOf = async (userId: number) =>
  (await parts.events()).filter(({ type, data }) => type === 'user.updated.v1' && data.userId === userId)
const shownIds = async (id: number) => (await parts.profiles.getMany([id])).map((profile) => profile.id)

test('a ban ends all sessions, refuses log-ins with its reason, hides the user and is written down', async () => {
  const { userId } = await parts.newUser()
  const sessions = [await logIn(userId), await logIn(userId)]
  expect(await shownIds(userId)).toEqual([userId])
  const banned = await bans.ban(operator, userId, { reason: 'spam', origin })
  expect(banned).toMatchObject({ id: userId, role: null, ban: { reason: 'spam', until: null } })
  for (const { sessionId } of sessions) expect(await list.see(sessionId)).toBe(false)
  expect(marked).toEqual(expect.arrayContaining(sessions.map(({ sessionId }) => sessionId)))
  await expect(logIn(userId, 2)).rejects.toMatchObject({
    code: 'account_banned',
    detail: expect.stringContaining('spam'),
  })
  expect(await shownIds(userId)).toEqual([])
  expect((await updatesOf(userId)).map(({ data }) => data.isHidden)).toEqual([true])
  const act = { actorId: operator.userId, actorRole: 'operator', reason: 'spam', address: origin.address }
  expect(await actsOn(userId)).toEqual([{ action: 'user_banned', ...act }])
  expect(await bans.find({ username: banned.username.toUpperCase() })).toEqual([banned])
})

test('the same ban again changes nothing; another reason is written down, too', async () => {
  const { userId } = await parts.newUser()
  const first = await bans.ban(operator, userId, { reason: 'spam' })
  expect(await bans.ban(operator, userId, { reason: 'spam' })).toEqual(first)
  expect(await actsOn(userId)).toHaveLength(1)
  const until = new Date(Date.now() + DAY_MS).toISOString()
  const changed = await bans.ban(operator, userId, { reason: 'less spam', until })
  expect(changed.ban).toEqual({ reason: 'less spam', since: first.ban?.since, until })
  expect(await actsOn(userId)).toHaveLength(2)
  expect(await updatesOf(userId)).toHaveLength(1)
})

test('a lifted ban lets the user in again and shows them, once', async () => {
  const { userId } = await parts.newUser()
  await bans.ban(operator, userId, { reason: 'spam' })
  const lifted = await bans.lift(operator, userId, { reason: 'appeal', origin })
  expect(lifted.ban).toBeNull()
  await bans.lift(operator, userId, { reason: 'again' })
  expect(await shownIds(userId)).toEqual([userId])
  expect(await logIn(userId, 2)).toMatchObject({ role: null })
  expect((await updatesOf(userId)).map(({ data }) => data.isHidden)).toEqual([true, undefined])
  expect((await actsOn(userId)).map(({ action, reason }) => [action, reason])).toEqual([
    ['user_unbanned', 'appeal'],
    ['user_banned', 'spam'],
  ])
})

test('a ban with an end is lifted when it is over, and no sooner', async () => {
  const [over, lasting] = [(await parts.newUser()).userId, (await parts.newUser()).userId]
  await bans.ban(operator, over, { reason: 'short', until: new Date(Date.now() - 1).toISOString() })
  await bans.ban(operator, lasting, { reason: 'long', until: new Date(Date.now() + DAY_MS).toISOString() })
  await bans.liftEnded(new AbortController().signal)
  expect(await shownIds(over)).toEqual([over])
  expect(await shownIds(lasting)).toEqual([])
  expect((await actsOn(over))[0]).toMatchObject({ action: 'user_unbanned', actorId: 0, actorRole: 'command' })
})

test('a log-in whose password was compared before the ban opens no session', async () => {
  const { userId } = await parts.newUser()
  const [login] = await Promise.allSettled([
    bans.ban(operator, userId, { reason: 'spam' }).then(() => logIn(userId, 1)),
    logIn(userId, 1).catch(() => undefined),
  ])
  expect(login.status).toBe('rejected')
  expect(await list.open(userId)).toEqual([])
})

test('operators cannot be banned; nobody cannot either', async () => {
  const { userId } = await parts.newUser()
  await operators.grant(`user${userId}`)
  await expect(bans.ban(operator, userId, { reason: 'x' })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(bans.ban(operator, 123_456, { reason: 'x' })).rejects.toMatchObject({ code: 'user_not_found' })
  expect(await shownIds(userId)).toEqual([userId])
})

test('the role is in tokens of sessions opened after it was granted, and taking it ends them', async () => {
  const { userId } = await parts.newUser()
  const name = `user${userId}`
  expect((await logIn(userId)).role).toBeNull()
  expect(await operators.grant(name)).toMatchObject({ id: userId, role: 'operator' })
  await operators.grant(name)
  const { sessionId, role } = await logIn(userId)
  expect(role).toBe('operator')
  expect(await list.roleOf(userId)).toBe('operator')
  expect((await operators.list()).map(({ id }) => id)).toContain(userId)
  await operators.revoke(name)
  await operators.revoke(name)
  expect(await list.see(sessionId)).toBe(false)
  expect(await list.roleOf(userId)).toBeNull()
  expect((await actsOn(userId)).map(({ action, actorRole }) => [action, actorRole])).toEqual([
    ['role_revoked', 'command'],
    ['role_granted', 'command'],
  ])
  await expect(operators.grant('nobody at all')).rejects.toMatchObject({ code: 'user_not_found' })
})
