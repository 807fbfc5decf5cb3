import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RelationParts, relationParts, userWithId } from './relation-parts.ts'

let parts: RelationParts
beforeAll(async () => {
  parts = await relationParts()
})
afterAll(() => parts.close())

let lastUser = 1_000
const newUsers = () => [++lastUser, ++lastUser] as const

describe('a follow', () => {
  test('tells others of each change once, with a version that goes on', async () => {
    const [anna, bob] = newUsers()
    expect(await parts.change(anna, bob, 'unfollow', 'follow', 'follow', 'unfollow', 'unfollow', 'follow')).toEqual([
      false,
      true,
      false,
      true,
      false,
      true,
    ])
    expect(await parts.eventsOf(anna, bob)).toEqual(['user.followed 1', 'user.unfollowed 2', 'user.followed 3'])
  })

  test('whose answer was lost is answered the same again', async () => {
    const [anna, bob] = newUsers()
    const follow = (key: string) => parts.service.follow(userWithId(anna), { userId: bob }, key)
    const unfollow = (key: string) => parts.service.unfollow(userWithId(anna), { userId: bob }, key)
    expect(await follow('first')).toEqual({ changed: true })
    expect(await follow('first')).toEqual({ changed: true })
    expect(await follow('second')).toEqual({ changed: false })
    expect(await unfollow('third')).toEqual({ changed: true })
    expect(await unfollow('third')).toEqual({ changed: true })
    expect(await follow('first')).toEqual({ changed: true })
    expect(await parts.eventsOf(anna, bob)).toEqual(['user.followed 1', 'user.unfollowed 2'])
  })

  test('asks for a user once, whoever was followed before is known', async () => {
    const [anna, bob] = newUsers()
    const before = parts.user.asked.length
    await parts.change(anna, bob, 'follow', 'follow', 'unfollow', 'follow')
    expect(parts.user.asked.slice(before)).toEqual([[bob]])
    await expect(parts.change(anna, 1, 'follow')).rejects.toMatchObject({ code: 'user_not_found' })
    await expect(parts.change(anna, anna, 'follow')).rejects.toMatchObject({ code: 'cannot_follow_self' })
    expect(await parts.eventsOf(anna, 1)).toEqual([])
  })

  test('that many ask for at once changes once, and both directions at once never lock each other out', async () => {
    const [anna, bob] = newUsers()
    const both = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? parts.change(anna, bob, 'follow') : parts.change(bob, anna, 'follow'),
    )
    const changes = (await Promise.all(both)).flat()
    expect(changes.filter(Boolean)).toHaveLength(2)
    const back = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0 ? parts.change(anna, bob, 'unfollow', 'follow') : parts.change(bob, anna, 'unfollow', 'follow'),
    )
    await Promise.all(back)
    for (const [from, to] of [
      [anna, bob],
      [bob, anna],
    ] as const) {
      const events = await parts.eventsOf(from, to)
      const expected = events.map((_, index) => `user.${index % 2 === 0 ? 'followed' : 'unfollowed'} ${index + 1}`)
      expect(events).toEqual(expected)
    }
  })
})

test('a walk has every follow there is once, in order, and none that ended', async () => {
  const star = ++lastUser
  const fans = Array.from({ length: 7 }, () => ++lastUser)
  for (const fan of fans) await parts.change(fan, star, 'follow')
  await parts.change(fans[3] as number, star, 'unfollow')
  await parts.change(fans[4] as number, star, 'unfollow', 'follow')
  const walked: { followerId: number; followeeId: number; version: number }[] = []
  for (let after = { followerId: 0, followeeId: 0 }; ; ) {
    const position = { afterFollowerId: after.followerId, afterFolloweeId: after.followeeId }
    const { items } = await parts.service.walk({ ...position, limit: 2 })
    walked.push(...items)
    const last = items.at(-1)
    if (!last) break
    after = last
  }
  const names = walked.map(({ followerId, followeeId }) => `${followerId} ${followeeId}`)
  expect(new Set(names).size).toBe(names.length)
  const order = walked.map(({ followerId, followeeId }) => followerId * 1e6 + followeeId)
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  const ofStar = walked.filter(({ followeeId }) => followeeId === star)
  expect(ofStar.map(({ followerId }) => followerId)).toEqual(fans.filter((_, index) => index !== 3))
  expect(ofStar.find(({ followerId }) => followerId === fans[4])?.version).toBe(3)
})

describe('follows that are committed together', () => {
  const callsOf = (verb: 'follow' | 'unfollow', pairs: (readonly [number, number])[], key?: string) =>
    pairs.map(([from, to]) => parts.callOf(verb, from, to, key))
  const changed = { changed: true }
  const unchanged = { changed: false }

  test('are one insert, with an event each told in its own trace; users are asked for together', async () => {
    const pairs = Array.from({ length: 6 }, newUsers)
    const within: number[] = []
    const calls = callsOf('follow', pairs).map((call, index) => ({
      ...call,
      within: <Result>(work: () => Result) => {
        within.push(index)
        return work()
      },
    }))
    const before = parts.user.asked.length
    expect(await parts.service.followMany(calls)).toEqual(pairs.map(() => changed))
    expect(within).toEqual([0, 1, 2, 3, 4, 5])
    expect(parts.user.asked.slice(before)).toEqual([pairs.map(([, to]) => to)])
    for (const [from, to] of pairs) expect(await parts.eventsOf(from, to)).toEqual(['user.followed 1'])
  })

  test('of one pair are answered in turn, a repeat like the first', async () => {
    const pair = newUsers()
    const calls = ['a', 'b', 'a'].flatMap((key) => callsOf('follow', [pair], key))
    expect(await parts.service.followMany(calls)).toEqual([changed, unchanged, changed])
    expect(await parts.service.unfollowMany(callsOf('unfollow', [pair, pair]))).toEqual([changed, unchanged])
    expect(await parts.service.followMany(callsOf('follow', [pair]))).toEqual([changed])
    expect(await parts.eventsOf(...pair)).toEqual(['user.followed 1', 'user.unfollowed 2', 'user.followed 3'])
  })

  test('leave out whom nobody can follow, and change the others', async () => {
    const [anna, bob] = newUsers()
    const calls = callsOf('follow', [
      [anna, anna],
      [anna, bob],
      [anna, 1],
    ])
    expect(await parts.service.followMany(calls)).toEqual([undefined, changed, undefined])
    expect(await parts.eventsOf(anna, 1)).toEqual([])
  })

  test('in groups that cross each other are all committed, each once', async () => {
    const pairs = Array.from({ length: 8 }, newUsers)
    const count = (outcomes: ({ changed: boolean } | undefined)[][]) =>
      outcomes.flat().filter((outcome) => outcome?.changed).length
    for (let round = 0; round < 4; round++) {
      const follows = [callsOf('follow', pairs), callsOf('follow', pairs.toReversed())]
      expect(count(await Promise.all(follows.map((calls) => parts.service.followMany(calls))))).toBe(8)
      const ends = [callsOf('unfollow', pairs.toReversed()), callsOf('unfollow', pairs)]
      expect(count(await Promise.all(ends.map((calls) => parts.service.unfollowMany(calls))))).toBe(8)
    }
    for (const [from, to] of pairs) expect(await parts.eventsOf(from, to)).toHaveLength(8)
  })
})
