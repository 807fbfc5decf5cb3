import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Member, newMember, publish } from '../support/community.ts'
import { call, type Parameters } from '../support/compat.ts'
import { eventually } from '../support/stack.ts'
import { Done, expectError, Feed, List, OneUser, read } from './douyin-tables.ts'

const User = OneUser.shape.user
const Users = z.strictObject({ ...Done.shape, user_list: z.array(User) })
const Friends = z.strictObject({
  ...Done.shape,
  user_list: z.array(
    z.strictObject({ ...User.shape, message: z.string(), msgType: z.union([z.literal(0), z.literal(1)]) }),
  ),
})

let [one, other]: Member[] = []
beforeAll(async () => {
  ;[one, other] = [await newMember('one'), await newMember('other')]
})

const tokenOf = (member: Member | undefined) => String(member?.tokens.accessToken)
const act = (from: Member | undefined, to: number | undefined, action: string, as: 'query' | 'form' = 'query') =>
  call('POST', '/douyin/relation/action/', {
    parameters: { token: tokenOf(from), to_user_id: String(to), action_type: action },
    as,
  })
const list = (name: 'follow' | 'follower' | 'friend', of: Member | undefined, as: Member | undefined) =>
  call('GET', `/douyin/relation/${name}/list/`, { parameters: { user_id: String(of?.user.id), token: tokenOf(as) } })
const ids = (users: { id: number }[]) => users.map(({ id }) => id)

test('11: 1 follows, 2 unfollows, by query or form, and repeating answers 0', async () => {
  for (const [action, as] of [
    ['1', 'query'],
    ['1', 'form'],
    ['2', 'form'],
    ['2', 'query'],
    ['1', 'form'],
  ] as const) {
    read(await act(one, other?.user.id, action, as), Done)
    const { user_list: followed } = read(await list('follow', one, one), Users)
    expect(ids(followed)).toEqual(action === '1' ? [other?.user.id] : [])
  }
  const inPath = `/douyin/relation/action?to_user_id=${other?.user.id}`
  read(await call('POST', inPath, { parameters: { token: tokenOf(one), action_type: '1' } }), Done)
})

test('11: what is wrong is an error', async () => {
  expectError(await act(one, one?.user.id, '1'))
  expectError(await act(one, 1, '1'))
  for (const action of ['0', '3', '', 'x', '-1', '01']) expectError(await act(one, other?.user.id, action))
  const complete: Parameters = { token: tokenOf(one), to_user_id: String(other?.user.id), action_type: '1' }
  for (const name of Object.keys(complete)) {
    const { [name]: _left, ...parameters } = complete
    expectError(await call('POST', '/douyin/relation/action/', { parameters, as: 'query' }))
  }
  for (const wrong of [{ to_user_id: 'abc' }, { to_user_id: '-1' }, { token: 'x.y.z' }])
    expectError(await call('POST', '/douyin/relation/action/', { parameters: { ...complete, ...wrong } }))
})

test('12 to 14: lists have everybody, the latest first, and is_follow is the caller’s own', async () => {
  const [star, fan, friend, viewer] = [await newMember('star'), await newMember(), await newMember(), await newMember()]
  for (const [from, to] of [
    [fan, star],
    [friend, star],
    [star, friend],
    [viewer, fan],
  ] as const)
    read(await act(from, to.user.id, '1'), Done)
  const followers = read(await list('follower', star, viewer), Users).user_list
  expect(followers.map(({ id, is_follow: isFollowed }) => [id, isFollowed])).toEqual([
    [friend.user.id, false],
    [fan.user.id, true],
  ])
  expect(ids(read(await list('follow', star, viewer), Users).user_list)).toEqual([friend.user.id])
  const friends = read(await list('friend', star, star), Friends).user_list
  expect(friends).toMatchObject([{ id: friend.user.id, is_follow: true, message: '', msgType: 0 }])
  expect(ids(read(await list('friend', friend, viewer), Friends).user_list)).toEqual([star.user.id])
  expect(read(await list('friend', fan, viewer), Friends).user_list).toEqual([])
})

test('12 to 14: a list needs whose it is and a token', async () => {
  for (const name of ['follow', 'follower', 'friend']) {
    const path = `/douyin/relation/${name}/list/`
    const complete: Parameters = { user_id: String(one?.user.id), token: tokenOf(one) }
    for (const wrong of [{ user_id: '' }, { user_id: 'abc' }, { user_id: '-1' }, { token: '' }, { token: 'x.y.z' }])
      expectError(await call('GET', path, { parameters: { ...complete, ...wrong } as Parameters }))
    expectError(await call('GET', path, { parameters: { user_id: String(one?.user.id) } }))
    expectError(await call('GET', path, { parameters: { token: tokenOf(one) } }))
    const nobody = await call('GET', path, { parameters: { user_id: '1', token: tokenOf(one) } })
    expect(read(nobody, name === 'friend' ? Friends : Users).user_list).toEqual([])
  }
})

test('is_follow reads what the caller has just done, wherever an author is shown', async () => {
  const [author, viewer] = [await newMember('author'), await newMember('viewer')]
  const video = await publish(author)
  const token = tokenOf(viewer)
  const author_id = String(author.user.id)
  const inFeed = async () =>
    read(await call('GET', '/douyin/feed/', { parameters: { token } }), Feed).video_list.find(
      ({ id }) => id === video.id,
    )
  await eventually(inFeed)
  for (const [action, expected] of [
    ['1', true],
    ['2', false],
  ] as const) {
    read(await act(viewer, author.user.id, action), Done)
    const listed = await call('GET', '/douyin/publish/list/', { parameters: { user_id: author_id, token } })
    const user = await call('GET', '/douyin/user/', { parameters: { user_id: author_id, token } })
    expect({
      feed: (await inFeed())?.author.is_follow,
      list: read(listed, List).video_list[0]?.author.is_follow,
      user: read(user, OneUser).user.is_follow,
    }).toEqual({ feed: expected, list: expected, user: expected })
  }
})
