import { hasCode } from '@fanone/service-kit'
import { beforeAll, describe, expect, test } from 'vitest'
import { api, type Member, newMember, publish } from '../support/community.ts'
import { eventually } from '../support/stack.ts'

let [anna, bob, carl] = [] as unknown as [Member, Member, Member]
beforeAll(async () => {
  anna = await newMember('anna')
  bob = await newMember('bob')
  carl = await newMember('carl')
})

const names = (page: { items: { username: string }[] }) => page.items.map(({ username }) => username)

describe('following', () => {
  test('shows at once in both lists and in the flags, and twice is once', async () => {
    const [follower, followee] = [await newMember(), await newMember()]
    for (let time = 0; time < 2; time++) await follower.api.relations.follow({ id: followee.user.id })
    expect(names(await api().relations.listFollowing({ id: follower.user.id }))).toEqual([followee.user.username])
    expect(names(await api().relations.listFollowers({ id: followee.user.id }))).toEqual([follower.user.username])
    const flags = (one: Member, other: Member) =>
      one.api.relations.getFlags({ userIds: String(other.user.id) as never })
    expect((await flags(follower, followee)).items).toEqual([
      { userId: followee.user.id, isFollowing: true, isFollowedBy: false },
    ])
    expect((await flags(followee, follower)).items).toEqual([
      { userId: follower.user.id, isFollowing: false, isFollowedBy: true },
    ])
    for (let time = 0; time < 2; time++) await follower.api.relations.unfollow({ id: followee.user.id })
    expect(names(await api().relations.listFollowing({ id: follower.user.id }))).toEqual([])
    expect((await flags(follower, followee)).items[0]?.isFollowing).toBe(false)
  })

  test('the latest is the first, also who is followed again, and pages neither repeat nor skip', async () => {
    const fan = await newMember('fan')
    const followed = [anna, bob, carl]
    for (const { user } of followed) await fan.api.relations.follow({ id: user.id })
    await fan.api.relations.unfollow({ id: anna.user.id })
    await fan.api.relations.follow({ id: anna.user.id })
    const order = [anna, carl, bob].map(({ user }) => user.username)
    const first = await api().relations.listFollowing({ id: fan.user.id, limit: 2 as never })
    const second = await api().relations.listFollowing({
      id: fan.user.id,
      limit: 2 as never,
      cursor: String(first.nextCursor),
    })
    expect([...names(first), ...names(second)]).toEqual(order)
    expect(second.nextCursor).toBeNull()
    const wrong = api().relations.listFollowers({ id: fan.user.id, cursor: String(first.nextCursor) })
    await expect(wrong).rejects.toSatisfy((error) => hasCode(error, 'malformed_cursor'))
  })

  test('friends are who follow each other', async () => {
    const [one, other, fan] = [await newMember('one'), await newMember('other'), await newMember('fan')]
    await one.api.relations.follow({ id: other.user.id })
    await fan.api.relations.follow({ id: one.user.id })
    expect(names(await one.api.relations.listFriends({}))).toEqual([])
    await other.api.relations.follow({ id: one.user.id })
    expect(names(await one.api.relations.listFriends({}))).toEqual([other.user.username])
    expect(names(await other.api.relations.listFriends({}))).toEqual([one.user.username])
    await one.api.relations.unfollow({ id: other.user.id })
    expect(names(await other.api.relations.listFriends({}))).toEqual([])
  })

  test('nobody follows themselves or somebody who is not there', async () => {
    const refused = (id: number) => anna.api.relations.follow({ id })
    await expect(refused(anna.user.id)).rejects.toSatisfy((error) => hasCode(error, 'cannot_follow_self'))
    await expect(refused(1)).rejects.toSatisfy((error) => hasCode(error, 'user_not_found'))
    await anna.api.relations.unfollow({ id: 1 })
    await anna.api.relations.unfollow({ id: anna.user.id })
    const nobody = api().relations.follow({ id: anna.user.id })
    await expect(nobody).rejects.toSatisfy((error) => hasCode(error, 'unauthenticated'))
  })

  test('a hundred who do and undo the same at once leave one state that both sides agree on', async () => {
    const [one, other] = [await newMember(), await newMember()]
    const clicks = Array.from({ length: 100 }, (_, index) => {
      const [from, to] = index % 2 === 0 ? [one, other] : [other, one]
      const input = { id: to.user.id }
      return index % 4 < 2 ? from.api.relations.follow(input) : from.api.relations.unfollow(input)
    })
    const outcomes = await Promise.allSettled(clicks)
    // More at a time than one user may have under way is refused, and nothing else goes wrong.
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    expect(failures.filter((error) => !hasCode(error, 'too_many_requests'))).toEqual([])
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const following = names(await api().relations.listFollowing({ id: from.user.id }))
      const followers = names(await api().relations.listFollowers({ id: to.user.id }))
      expect(following.includes(to.user.username)).toBe(followers.includes(from.user.username))
    }
  })
})

describe('isFollowing', () => {
  test('reads what one has just done, on users and in the feed', async () => {
    const viewer = await newMember('viewer')
    const video = await publish(anna)
    const inFeed = async (as: Member['api']) => {
      const { items } = await as.feeds.newest({ limit: 100 as never })
      return items.find(({ id }) => id === video.id)?.author.isFollowing
    }
    expect(await eventually(async () => (await inFeed(viewer.api)) === false)).toBe(true)
    await viewer.api.relations.follow({ id: anna.user.id })
    expect(await inFeed(viewer.api)).toBe(true)
    expect((await viewer.api.users.get({ id: anna.user.id })).isFollowing).toBe(true)
    expect((await api().users.get({ id: anna.user.id })).isFollowing).toBe(false)
    const ids = `${anna.user.id},${bob.user.id},${viewer.user.id}` as never
    const many = await viewer.api.users.getMany({ ids })
    expect(many.items.map(({ isFollowing }) => isFollowing)).toEqual([true, false, false])
    await viewer.api.relations.unfollow({ id: anna.user.id })
    expect(await inFeed(viewer.api)).toBe(false)
    expect((await viewer.api.users.get({ id: anna.user.id })).isFollowing).toBe(false)
  })

  test('of those who are listed is the viewer’s own', async () => {
    const viewer = await newMember('viewer')
    await bob.api.relations.follow({ id: carl.user.id })
    await viewer.api.relations.follow({ id: carl.user.id })
    const [listed] = (await viewer.api.relations.listFollowing({ id: bob.user.id })).items
    expect(listed).toMatchObject({ username: carl.user.username, isFollowing: true })
    const [anonymous] = (await api().relations.listFollowing({ id: bob.user.id })).items
    expect(anonymous?.isFollowing).toBe(false)
  })
})
