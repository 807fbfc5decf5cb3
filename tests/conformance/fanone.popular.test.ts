import { beforeAll, expect, test } from 'vitest'
import { api, type Member, newMember, publish } from '../support/community.ts'
import { call, type Parameters } from '../support/compat.ts'
import { send } from '../support/http.ts'
import { eventually } from '../support/stack.ts'
import { expectCode, Feed, List, read } from './fanone-tables.ts'

let member: Member
beforeAll(async () => {
  member = await newMember('popular')
})

/** Rankings are made for a tenth of the time at most, so a busy machine makes few of them. */
const RANKED = { timeoutMs: 90_000 }

const popular = async (parameters: Parameters = {}) =>
  read(await call('GET', '/video/popular', { parameters }), Feed).data.items

test('11: the most visited videos come first, with their counts', async () => {
  const [more, less] = [await publish(member), await publish(member)]
  const fans = [await newMember(), await newMember()]
  for (const fan of fans) await fan.api.visits.record({ id: more.id })
  await fans[0]?.api.visits.record({ id: less.id })
  await fans[0]?.api.likes.video.put({ id: more.id })
  await fans[0]?.api.comments.create({ id: more.id, text: 'seen' })
  const shown = await eventually(async () => {
    const items = (await popular({ page_size: '100' })).filter(({ user_id }) => user_id === String(member.user.id))
    // A ranking may have been made between the visits.
    const isCounted = items[0]?.comment_count === 1 && items[0].like_count === 1 && items[0].visit_count === 2
    return isCounted && items.length === 2 && items
  }, RANKED)
  expect(shown.map(({ id, visit_count: visits }) => [Number(id), visits])).toEqual([
    [more.id, 2],
    [less.id, 1],
  ])
  const parameters = { user_id: String(member.user.id), page_num: '0', page_size: '1' }
  // A ranking may be told before the cache of the counters is.
  await eventually(async () => {
    const { items } = read(await call('GET', '/video/list', { parameters }), List).data
    expect(items).toMatchObject([{ id: String(less.id), visit_count: 1, like_count: 0, comment_count: 0 }])
    return true
  })
})

test('11: without parameters it is the first page, and pages count from 0', async () => {
  const first = await popular()
  expect(first.length).toBeLessThanOrEqual(20)
  // Others visit, and the ranking may change between two pages.
  await eventually(async () => {
    const paged = await popular({ page_size: '1', page_num: '0' })
    expect(paged).toHaveLength(1)
    expect((await popular({ page_size: '1', page_num: '1' }))[0]?.id).not.toBe(paged[0]?.id)
    return true
  })
  expect(await popular({ page_size: '100', page_num: '1000' })).toEqual([])
  for (const path of ['/video/popular', '/video/popular/?page_num=&page_size=']) read(await send('GET', path), Feed)
})

test.each([
  ['a negative page', { page_num: '-1' }],
  ['an absurd page', { page_num: '99999999999999' }],
  ['no page', { page_num: 'one' }],
  ['an empty page size', { page_size: '0' }],
  ['too large a page', { page_size: '101' }],
])('11: %s is a parameter error', async (_name, parameters: Parameters) => {
  expectCode(await call('GET', '/video/popular', { parameters }), 10002)
})

test('8: the feed shows what is counted', async () => {
  const video = await publish(member)
  await member.api.likes.video.put({ id: video.id })
  await eventually(async () => {
    const { items } = read(await call('GET', '/video/feed/'), Feed).data
    return items.find(({ id }) => id === String(video.id))?.like_count === 1
  })
  await eventually(async () => (await api().videos.get({ id: video.id })).counters.likes === 1)
})
