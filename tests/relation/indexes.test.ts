import { afterAll, beforeAll, expect, test } from 'vitest'
import { explainQueries, wastefulQueries } from '../support/explain.ts'
import { profileOf, userUpdatedDelivery } from '../support/played-users.ts'
import { FIRST_USER, type RelationParts, relationParts, userWithId } from './relation-parts.ts'

const USERS = 300
const FOLLOWS_EACH = 60

let parts: RelationParts
beforeAll(async () => {
  parts = await relationParts()
  const rows = Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: FOLLOWS_EACH }, (_, index) => {
      // To both sides, so that many are friends.
      const distance = 1 + Math.floor(index / 2)
      const followee = (user + (index % 2 === 0 ? distance : USERS - distance)) % USERS
      return [user, followee, user * 1_000 + index + 1, index % 7 === 0 ? 0 : 1, 1, new Date()]
    }).map(([from = 0, to = 0, ...rest]) => [Number(from) + FIRST_USER, Number(to) + FIRST_USER, ...rest]),
  ).flat()
  for (let from = 0; from < rows.length; from += 2_000) {
    const batch = rows.slice(from, from + 2_000)
    await parts.database.em().execute(
      `insert ignore into follow (follower_id, followee_id, position, is_active, version, changed_at)
       values ${batch.map(() => '(?, ?, ?, ?, ?, ?)').join(', ')}`,
      batch.flat(),
      'run',
    )
  }
  const users = Array.from({ length: USERS - 20 }, (_, user) => profileOf(user + FIRST_USER, { version: 2 }))
  for (const user of users) await parts.events['user.updated'](userUpdatedDelivery(user))
  await parts.database.em().execute('analyze table follow, known_user')
})
afterAll(() => parts.close())

test('no operation looks through a table, sorts or needs a temporary one', async () => {
  const { service, callOf } = parts
  const userId = 100
  const explained = await explainQueries(parts.database, async () => {
    for (const list of ['following', 'followers', 'friends'] as const) {
      const { nextCursor } = await service.list({ list, userId, limit: 20, viewerId: userId + 1 })
      await service.list({ list, userId, limit: 5, cursor: String(nextCursor) })
      await service.page({ list, userId, offset: 10, limit: 10 })
    }
    const otherIds = Array.from({ length: 30 }, (_, index) => index + 90)
    await service.flags([userId, userId + 1, userId + 2].map((viewer) => ({ userId: viewer, otherIds })))
    await service.followed([userId, userId + 1, userId + 2].map((viewer) => ({ userId: viewer, otherIds })))
    await service.walk({ afterFollowerId: 0, afterFolloweeId: 0, limit: 100 })
    await service.walk({ afterFollowerId: 150, afterFolloweeId: 200, limit: 100 })
    await parts.change(userId, 5_000, 'unfollow', 'follow', 'follow', 'unfollow')
    await service.follow(userWithId(userId), { userId: 6_000 }, 'key')
    const callsOf = (verb: 'follow' | 'unfollow') =>
      otherIds.flatMap((id) => (id === userId ? [] : callOf(verb, id, userId)))
    for (const _oldAndNew of [1, 2]) {
      await service.followMany(callsOf('follow'))
      await service.unfollowMany(callsOf('unfollow'))
    }
  })
  expect(explained.length).toBeGreaterThan(10)
  expect(wastefulQueries(explained)).toEqual([])
})
