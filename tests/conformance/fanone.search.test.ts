import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish, randomName } from '../support/community.ts'
import { call, type Parameters } from '../support/compat.ts'
import { send } from '../support/http.ts'
import { expectCode, List, read } from './fanone-tables.ts'

/** In every text of this file and no other. */
const mark = randomName('mark').replace('_', '')
let member: Member
let ids: Record<'english' | 'chinese' | 'described', number>
let createdMs: number[]
beforeAll(async () => {
  member = await newMember('Searched')
  const english = await publish(member, { title: `${mark} A Walk in the Park` })
  const chinese = await publish(member, { title: `${mark} 我的第一个视频`, description: '关于猫' })
  const described = await publish(member, { title: mark, description: 'Walking 在公园里' })
  ids = { english: english.id, chinese: chinese.id, described: described.id }
  createdMs = [english, chinese, described].map(({ createdAt }) => Date.parse(createdAt))
})

const base = { page_size: '50', page_num: '0' }
async function search(parameters: Parameters, as: 'form' | 'multipart' = 'form', path = '/video/search') {
  const answer = await call('POST', path, { parameters: { keywords: mark, ...base, ...parameters }, as })
  const { items, total } = read(answer, List).data
  return { ids: items.map(({ id }) => Number(id)), total }
}

test('12: the keyword is a part of title or description, in Chinese and in English, whatever the case', async () => {
  const all = [ids.described, ids.chinese, ids.english]
  expect(await search({})).toEqual({ ids: all, total: 3 })
  expect(await search({}, 'multipart', '/video/search/')).toEqual({ ids: all, total: 3 })
  expect((await search({ keywords: `${mark} a WALK in` })).ids).toEqual([ids.english])
  expect((await search({ keywords: '第一个', username: member.user.username })).ids).toEqual([ids.chinese])
  expect((await search({ keywords: '猫', username: member.user.username })).ids).toEqual([ids.chinese])
  expect((await search({ keywords: 'walk', username: member.user.username })).ids).toEqual([ids.described, ids.english])
  expect((await search({ keywords: 'ng 在公', username: member.user.username })).ids).toEqual([ids.described])
  expect(await search({ keywords: `${mark}${mark}` })).toEqual({ ids: [], total: 0 })
})

test('12: what is found looks as everywhere', async () => {
  const { items } = read(
    await call('POST', '/video/search', { parameters: { keywords: `${mark} 我的`, ...base } }),
    List,
  ).data
  const listed = read(
    await call('GET', '/video/list', { parameters: { user_id: String(member.user.id), ...base } }),
    List,
  ).data.items.find(({ id }) => id === String(ids.chinese))
  expect(items).toEqual([listed])
})

test('12: the keyword may be empty, but is needed', async () => {
  const found = await search({ keywords: '', username: member.user.username })
  expect(found).toEqual({ ids: [ids.described, ids.chinese, ids.english], total: 3 })
  expect((await search({ keywords: '' })).total).toBeGreaterThanOrEqual(3)
  expectCode(await call('POST', '/video/search', { parameters: base }), 10002)
})

test('12: dates are ms and inclusive, and every given condition holds at once', async () => {
  const [first, second, third] = createdMs as [number, number, number]
  expect((await search({ from_date: String(second) })).ids).toEqual([ids.described, ids.chinese])
  expect((await search({ to_date: String(second) })).ids).toEqual([ids.chinese, ids.english])
  expect((await search({ from_date: String(first), to_date: String(first) })).ids).toEqual([ids.english])
  expect((await search({ from_date: String(third), to_date: String(first) })).ids).toEqual([])
  expect((await search({ from_date: '', to_date: '', username: '' })).total).toBe(3)
  const both = { keywords: 'walk', from_date: String(third), username: member.user.username.slice(2, -2) }
  expect((await search(both)).ids).toEqual([ids.described])
  expect((await search({ ...both, username: `${member.user.username}x` })).ids).toEqual([])
})

test('12: the name is a part of the author’s, whatever the case', async () => {
  const { username } = member.user
  for (const part of [username, username.slice(3), username.slice(0, 12), username.toUpperCase()])
    expect((await search({ username: part })).total).toBe(3)
  expect((await search({ username: 'nobodyiscalledthis' })).total).toBe(0)
})

test('12: total counts before paging, and pages count from 0', async () => {
  expect(await search({ page_size: '2' })).toEqual({ ids: [ids.described, ids.chinese], total: 3 })
  expect(await search({ page_size: '2', page_num: '1' })).toEqual({ ids: [ids.english], total: 3 })
  expect(await search({ page_size: '2', page_num: '1000' })).toEqual({ ids: [], total: 3 })
})

test('12: what is edited is found by what it says now, what is deleted not at all', async () => {
  const video = await publish(member, { title: `${mark}before` })
  await member.api.videos.edit({ id: video.id, title: `${mark}after` })
  expect((await search({ keywords: `${mark}before` })).total).toBe(0)
  expect((await search({ keywords: `${mark}after` })).ids).toEqual([video.id])
  await member.api.videos.delete({ id: video.id })
  expect((await search({ keywords: `${mark}after` })).total).toBe(0)
})

test.each<Parameters>([
  { page_num: '-1' },
  { page_num: '999999999999999' },
  { page_num: '' },
  { page_size: '0' },
  { page_size: '101' },
  { page_size: '' },
  { from_date: 'yesterday' },
  { from_date: '1' },
  { to_date: '12345678901234' },
  { to_date: '-1' },
  { keywords: 'x'.repeat(101) },
])('12: a search with %j is a wrong parameter', async (wrong) => {
  const parameters = { keywords: mark, ...base, ...wrong }
  expectCode(await call('POST', '/video/search', { parameters }), 10002)
})

test('12: each parameter with a star is needed, and the method is POST', async () => {
  for (const name of ['page_size', 'page_num']) {
    const { [name]: _left, ...parameters } = { keywords: mark, ...base } as Parameters
    expectCode(await call('POST', '/video/search', { parameters }), 10002)
  }
  expect((await send('GET', '/video/search')).status).toBe(405)
})
