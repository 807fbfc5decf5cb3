import { afterAll, beforeAll, expect, test } from 'vitest'
import { AuditLog } from '../../services/user/src/audit/audit-log.ts'
import { BanService } from '../../services/user/src/ban/ban.service.ts'
import { RemovalService } from '../../services/user/src/removal/removal.service.ts'
import { ReportService } from '../../services/user/src/report/report.service.ts'
import { SessionList } from '../../services/user/src/session/session-list.ts'
import { type UserParts, userParts } from './user-parts.ts'

const operator = { userId: 1_000_000, sessionId: 'test', role: 'operator' } as const

let parts: UserParts
let audit: AuditLog
let removals: RemovalService
let reports: ReportService
beforeAll(async () => {
  parts = await userParts()
  const { database, profiles } = parts
  audit = new AuditLog({ database })
  const sessions = { markEnded: async () => {} }
  const bans = new BanService({ database, profiles, list: new SessionList({ database }), sessions, audit })
  removals = new RemovalService({ database, audit })
  reports = new ReportService({ database, bans, removals, audit })
})
afterAll(() => parts.close())

let lastId = 0
const newTarget = () => ({ kind: 'video', id: ++lastId, authorId: 77 }) as const
const as = (userId: number) => ({ userId, sessionId: 'test' })
const removedIds = async () =>
  (await parts.events()).flatMap(({ type, data }) => (type === 'content.removed.v1' ? [data.contentId] : []))

test('the same report by many at once is one for each reporter', async () => {
  const target = newTarget()
  const reporters = [1, 1, 1, 2, 2, 3]
  const made = await Promise.all(reporters.map((id) => reports.create(as(id), { target, text: `by ${id}` })))
  expect(new Set(made.map(({ id }) => id)).size).toBe(3)
  const { items } = await reports.list({ state: 'open', authorId: target.authorId, limit: 100 })
  expect(
    items
      .filter(({ targetId }) => targetId === target.id)
      .map(({ reporterId }) => reporterId)
      .sort(),
  ).toEqual([1, 2, 3])
})

test('one decision decides all, by many at once, and is carried out and written down once', async () => {
  const target = newTarget()
  const [first] = [
    await reports.create(as(1), { target, text: 'x' }),
    await reports.create(as(2), { target, text: 'x' }),
  ]
  const decision = { id: Number(first?.id), decision: 'removed', reason: 'spam' } as const
  await Promise.all(Array.from({ length: 5 }, () => reports.decide(operator, decision)))
  await removals.remove(operator, { target, reason: 'again' })
  expect((await removedIds()).filter((id) => id === target.id)).toHaveLength(1)
  const acts = await audit.list({ actorRole: 'operator' }, { limit: 100 })
  const about = (action: string) => acts.filter((act) => act.action === action)
  expect(about('content_removed').filter(({ subjectId }) => subjectId === String(target.id))).toHaveLength(1)
  expect(about('report_decided').filter(({ subjectId }) => subjectId === String(decision.id))).toHaveLength(1)
  // What was decided can be reported anew.
  expect((await reports.create(as(1), { target, text: 'back again' })).state).toBe('open')
})

test('a decision that was made stays, and a repeated ban does not ban whom another operator let in again', async () => {
  const { userId } = await parts.newUser()
  const { id } = await reports.create(as(1), { target: { kind: 'user', id: userId, authorId: userId }, text: 'x' })
  await expect(reports.decide(operator, { id, decision: 'removed', reason: 'x' })).rejects.toMatchObject({
    code: 'invalid_input',
  })
  await reports.decide(operator, { id, decision: 'banned', reason: 'x' })
  await expect(reports.decide(operator, { id, decision: 'dismissed', reason: 'x' })).rejects.toMatchObject({
    code: 'report_decided',
  })
  await expect(reports.decide(operator, { id: 5, decision: 'dismissed', reason: 'x' })).rejects.toMatchObject({
    code: 'report_not_found',
  })
  const { database, profiles } = parts
  const sessions = { markEnded: async () => {} }
  const bans = new BanService({ database, profiles, list: new SessionList({ database }), sessions, audit })
  await bans.lift(operator, userId, { reason: 'appeal' })
  await reports.decide(operator, { id, decision: 'banned', reason: 'x' })
  expect((await bans.find({ id: userId }))[0]?.ban).toBeNull()
})

test('lists are read page by page, the oldest first', async () => {
  const target = newTarget()
  const ids: number[] = []
  for (let reporter = 101; reporter <= 105; reporter++)
    ids.push((await reports.create(as(reporter), { target: { ...target, authorId: 99 }, text: 'x' })).id)
  const seen: number[] = []
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await reports.list({ state: 'open', authorId: 99, limit: 2, cursor })
    seen.push(...items.map(({ id }) => id))
    if (nextCursor === null) break
    cursor = nextCursor
  }
  expect(seen).toEqual(ids)
})
