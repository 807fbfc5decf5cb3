import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { type Member, newMember } from '../support/community.ts'
import { call, type Parameters } from '../support/compat.ts'
import { send } from '../support/http.ts'
import { expired } from '../support/tokens.ts'
import { expectCode, headersOf, of, read, success } from './fanone-tables.ts'

const SocialUser = z.strictObject({ id: z.string().regex(/^[1-9]\d*$/), username: z.string(), avatar_url: z.string() })
const Users = of(z.strictObject({ items: z.array(SocialUser), total: z.int() }))

let [one, other, third]: Member[] = []
beforeAll(async () => {
  ;[one, other, third] = [await newMember('one'), await newMember('other'), await newMember('third')]
})

const idOf = (member: Member | undefined) => String(member?.user.id)
const act = (
  member: Member | undefined,
  parameters: Parameters,
  as: 'form' | 'multipart' = 'form',
  path = '/relation/action',
) => call('POST', path, { parameters, headers: headersOf(member as Member), as })
const follow = (from: Member | undefined, to: Member | undefined) =>
  act(from, { to_user_id: idOf(to), action_type: '0' })

async function list(path: string, member: Member | undefined, paging: Parameters = {}, headers = {}) {
  const parameters = { user_id: idOf(member), ...paging }
  const { items, total } = read(await call('GET', path, { parameters, headers }), Users).data
  return { ids: items.map(({ id }) => id), total }
}

test('18: 0 follows and 1 or 2 unfollows; each answers success and nothing else', async () => {
  for (const [action, path, as] of [
    ['0', '/relation/action', 'form'],
    ['1', '/relation/action/', 'multipart'],
    ['0', '/relation/action/', 'multipart'],
    ['2', '/relation/action', 'form'],
  ] as const) {
    const answer = await act(one, { to_user_id: idOf(other), action_type: action }, as, path)
    expect(answer).toMatchObject({ status: 200, json: { base: success } })
    expect(answer.json).toEqual({ base: success })
    expect((await list('/following/list', one)).ids).toEqual(action === '0' ? [idOf(other)] : [])
  }
})

test('18: what changes nothing and what cannot be has its code', async () => {
  expectCode(await act(one, { to_user_id: idOf(third), action_type: '1' }), 16001)
  expect((await follow(one, third)).json).toEqual({ base: success })
  expectCode(await follow(one, third), 16000)
  expectCode(await follow(one, third), 16000)
  expect((await act(one, { to_user_id: idOf(third), action_type: '1' })).json).toEqual({ base: success })
  expectCode(await act(one, { to_user_id: idOf(third), action_type: '2' }), 16001)
  expectCode(await follow(one, one), 16002)
  expectCode(await act(one, { to_user_id: '1', action_type: '0' }), 11001)
})

test.each<[Parameters, number]>([
  [{ action_type: '3' }, 13000],
  [{ action_type: '-1' }, 13000],
  [{ action_type: 'follow' }, 13000],
  [{ action_type: '00' }, 13000],
  [{ action_type: '' }, 10002],
  [{ to_user_id: '' }, 10002],
  [{ to_user_id: 'abc' }, 10002],
  [{ to_user_id: '-1' }, 10002],
  [{ to_user_id: '0' }, 10002],
  [{ to_user_id: '1e3' }, 10002],
])('18: an action with %j answers %i', async (wrong, code) => {
  expectCode(await act(one, { to_user_id: idOf(other), action_type: '0', ...wrong }), code)
})

test('18: each parameter is needed, and a token', async () => {
  const complete = { to_user_id: idOf(other), action_type: '0' }
  expectCode(await act(one, { to_user_id: idOf(other) }), 10002)
  expectCode(await act(one, { action_type: '0' }), 10002)
  const by = (headers: Record<string, string>) => call('POST', '/relation/action', { parameters: complete, headers })
  expectCode(await by({}), 10005)
  expectCode(await by({ 'Access-Token': 'x.y.z' }), 10004)
  const old = await expired((one as Member).tokens.accessToken)
  expectCode(await by({ 'Access-Token': old }), 10006)
  expectCode(await by({ 'Access-Token': old, 'Refresh-Token': 'x' }), 10007)
})

test('19, 20: the latest is the first, pages count from 0, and total is the full count', async () => {
  const [star, fans] = [await newMember('star'), [await newMember(), await newMember(), await newMember()]]
  for (const fan of fans) await follow(fan, star)
  for (const fan of fans) await follow(star, fan)
  const newestFirst = fans.map(idOf).reverse()
  for (const path of ['/following/list', '/follower/list', '/following/list/', '/follower/list/']) {
    expect(await list(path, star)).toEqual({ ids: newestFirst, total: 3 })
    expect(await list(path, star, { page_num: '0', page_size: '2' })).toEqual({
      ids: newestFirst.slice(0, 2),
      total: 3,
    })
    expect(await list(path, star, { page_num: '1', page_size: '2' })).toEqual({ ids: newestFirst.slice(2), total: 3 })
    expect(await list(path, star, { page_num: '2', page_size: '2' })).toEqual({ ids: [], total: 3 })
    expect(await list(path, star, { page_num: '1000000', page_size: '100' })).toEqual({ ids: [], total: 3 })
    expect(await list(path, star, { page_num: '', page_size: '' })).toEqual({ ids: newestFirst, total: 3 })
  }
  const { items } = read(await call('GET', '/follower/list', { parameters: { user_id: idOf(star) } }), Users).data
  expect(items[0]).toEqual({
    id: newestFirst[0],
    username: fans[2]?.user.username,
    avatar_url: fans[2]?.user.avatarUrl,
  })
})

test('19, 20: users who are not there follow nobody', async () => {
  for (const path of ['/following/list', '/follower/list'])
    expect(read(await call('GET', path, { parameters: { user_id: '1' } }), Users).data).toEqual({ items: [], total: 0 })
})

test('21: friends follow each other', async () => {
  const [me, friend, idol, fan] = [await newMember(), await newMember(), await newMember(), await newMember()]
  for (const [from, to] of [
    [me, friend],
    [friend, me],
    [me, idol],
    [fan, me],
  ] as const)
    await follow(from, to)
  const friends = async (member: Member, paging: Parameters = {}, path = '/friends/list') => {
    const answer = await call('GET', path, { parameters: paging, headers: headersOf(member) })
    const { items, total } = read(answer, Users).data
    return { ids: items.map(({ id }) => id), total }
  }
  expect(await friends(me)).toEqual({ ids: [idOf(friend)], total: 1 })
  expect(await friends(friend, {}, '/friends/list/')).toEqual({ ids: [idOf(me)], total: 1 })
  for (const alone of [idol, fan]) expect(await friends(alone)).toEqual({ ids: [], total: 0 })
  await follow(me, fan)
  expect(await friends(me, { page_num: '1', page_size: '1' })).toEqual({ ids: [idOf(friend)], total: 2 })
  await act(fan, { to_user_id: idOf(me), action_type: '1' })
  expect(await friends(me)).toEqual({ ids: [idOf(friend)], total: 1 })
  expectCode(await send('GET', '/friends/list'), 10005)
})

test.each<Parameters>([
  { page_num: '-1' },
  { page_num: '999999999999999' },
  { page_num: 'abc' },
  { page_size: '0' },
  { page_size: '-1' },
  { page_size: '101' },
  { page_size: '1e2' },
])('19 to 21: %j is a wrong parameter', async (wrong) => {
  const headers = headersOf(one as Member)
  for (const path of ['/following/list', '/follower/list', '/friends/list'])
    expectCode(await call('GET', path, { parameters: { user_id: idOf(one), ...wrong }, headers }), 10002)
})

test('19, 20: a user id is needed', async () => {
  for (const path of ['/following/list', '/follower/list'])
    for (const parameters of [{}, { user_id: '' }, { user_id: 'abc' }, { user_id: '-1' }] as Parameters[])
      expectCode(await call('GET', path, { parameters }), 10002)
})
