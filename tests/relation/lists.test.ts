import { afterAll, beforeAll, expect, test } from 'vitest'
import { profileOf, userUpdatedDelivery } from '../support/played-users.ts'
import { type RelationParts, relationParts } from './relation-parts.ts'

let parts: RelationParts
beforeAll(async () => {
  parts = await relationParts()
})
afterAll(() => parts.close())

let lastUser = 1_000
const newUsers = (count: number) => Array.from({ length: count }, () => ++lastUser)

/** Names in a list, with a star for those whom the viewer follows. */
async function names(list: 'following' | 'followers' | 'friends', userId: number, viewerId?: number) {
  const paged = await parts.service.page({ list, userId, offset: 0, limit: 100, viewerId })
  const { items } = await parts.service.list({ list, userId, limit: 100, viewerId })
  expect(paged).toEqual({ items, total: items.length })
  return items.map(({ user, isFollowing }) => `${user?.name ?? 'nobody'}${isFollowing ? ' *' : ''}`)
}

test('lists show users and whom the viewer follows of them', async () => {
  const [owner = 0, friend = 0, star = 0, viewer = 0] = newUsers(4)
  await parts.change(owner, friend, 'follow')
  await parts.change(friend, owner, 'follow')
  await parts.change(owner, star, 'follow')
  await parts.change(viewer, star, 'follow')
  await parts.change(viewer, friend, 'follow', 'unfollow')
  // Who follows the viewer is not followed by the viewer.
  await parts.change(friend, viewer, 'follow')
  expect(await names('following', owner, viewer)).toEqual([`U${star} *`, `U${friend}`])
  expect(await names('following', owner)).toEqual([`U${star}`, `U${friend}`])
  expect(await names('following', owner, owner)).toEqual([`U${star} *`, `U${friend} *`])
  expect(await names('followers', star, owner)).toEqual([`U${viewer}`, `U${owner}`])
  expect(await names('friends', owner, viewer)).toEqual([`U${friend}`])
  await parts.change(viewer, star, 'unfollow')
  expect(await names('following', owner, viewer)).toEqual([`U${star}`, `U${friend}`])
})

test('one direction between users is what a page asks for, each user once', async () => {
  const [viewer = 0, star = 0, fan = 0] = newUsers(3)
  await parts.change(viewer, star, 'follow')
  await parts.change(fan, viewer, 'follow')
  const otherIds = [fan, star, star, viewer]
  const asked = [viewer, fan, star].map((userId) => ({ userId, otherIds }))
  expect(await parts.service.followed(asked)).toEqual([{ followed: [star] }, { followed: [viewer] }, { followed: [] }])
})

test('lists show new names, and ask for each user once', async () => {
  const [owner = 0, one = 0, other = 0] = newUsers(3)
  await parts.change(owner, one, 'follow')
  await parts.change(owner, other, 'follow')
  await names('following', owner)
  const asked = parts.user.asked.length
  await parts.events['user.updated'](userUpdatedDelivery(profileOf(one, { version: 2, name: 'Renamed' })))
  expect(await names('following', owner)).toEqual([`U${other}`, 'Renamed'])
  expect(parts.user.asked).toHaveLength(asked)
})

test('while the user service is away lists show those who are known', async () => {
  const [owner = 0, known = 0, unknown = 0] = newUsers(3)
  await parts.change(owner, known, 'follow')
  await names('following', owner)
  await parts.change(owner, unknown, 'follow')
  parts.user.isAway = true
  const shown = await names('following', owner).finally(() => (parts.user.isAway = false))
  expect(shown).toEqual(['nobody', `U${known}`])
  expect(await names('following', owner)).toEqual([`U${unknown}`, `U${known}`])
})

test('hidden users are in no list and no total, and their own lists are empty, until they are shown again', async () => {
  const [owner = 0, hidden = 0, friend = 0] = newUsers(3)
  for (const other of [hidden, friend]) {
    await parts.change(owner, other, 'follow')
    await parts.change(other, owner, 'follow')
  }
  await parts.change(friend, hidden, 'follow')
  const tell = (version: number, isHidden: boolean) =>
    parts.events['user.updated'](userUpdatedDelivery({ ...profileOf(hidden, { version }), isHidden }))
  const lists = ['following', 'followers', 'friends'] as const
  const shown = async () => ({
    owner: await Promise.all(lists.map((list) => names(list, owner))),
    hidden: await Promise.all(lists.map((list) => names(list, hidden))),
  })
  const before = await shown()
  expect(before.hidden.map((list) => list.length)).toEqual([1, 2, 1])
  await tell(2, true)
  expect(await shown()).toEqual({ owner: lists.map(() => [`U${friend}`]), hidden: [[], [], []] })
  await tell(3, false)
  expect(await shown()).toEqual(before)
})
