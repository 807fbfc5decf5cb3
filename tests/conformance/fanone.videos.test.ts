import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { api, clipFile, type Member, newMember, publish, randomName } from '../support/community.ts'
import { call, inUtc8, type Parameters } from '../support/compat.ts'
import { send } from '../support/http.ts'
import { eventually } from '../support/stack.ts'
import { expired } from '../support/tokens.ts'
import { type Field, fileOf, formOf } from '../support/uploads.ts'
import { expectCode, Feed, headersOf, List, read, success } from './fanone-tables.ts'

let member: Member
let tokens: { 'Access-Token': string; 'Refresh-Token': string }
let clip: Buffer
beforeAll(async () => {
  member = await newMember('fanone')
  tokens = headersOf(member)
  clip = await readFile(await clipFile())
})

const list = (parameters: Parameters) => call('GET', '/video/list', { parameters })

test('8: the feed without a time has the newest, at most 20', async () => {
  const video = await publish(member, { title: randomName('newest'), description: 'about it' })
  for (const path of ['/video/feed/', '/video/feed', '/video/feed/?latest_time=', '/video/feed/?latest_time=0']) {
    const items = await eventually(async () => {
      const { items } = read(await send('GET', path), Feed).data
      return items.some(({ id }) => id === String(video.id)) && items
    })
    expect(items.length).toBeLessThanOrEqual(20)
    expect(items.map(({ id }) => Number(id))).toEqual(items.map(({ id }) => Number(id)).sort((a, b) => b - a))
    expect(items.find(({ id }) => id === String(video.id))).toEqual({
      id: String(video.id),
      user_id: String(member.user.id),
      video_url: video.videoUrl,
      cover_url: video.coverUrl,
      title: video.title,
      description: 'about it',
      visit_count: 0,
      like_count: 0,
      comment_count: 0,
      created_at: inUtc8(video.createdAt),
      updated_at: inUtc8(video.updatedAt),
      deleted_at: '',
    })
  }
})

test('8: an edit shows with its time', async () => {
  const video = await publish(member)
  // Times are shown to the second.
  await eventually(() => inUtc8(new Date().toISOString()) > inUtc8(video.createdAt))
  const { title, updatedAt } = await member.api.videos.edit({ id: video.id, title: randomName('edited') })
  const shown = await eventually(async () => {
    const { items } = read(await call('GET', '/video/feed/'), Feed).data
    return items.find((item) => item.title === title)
  })
  expect(shown).toMatchObject({ created_at: inUtc8(video.createdAt), updated_at: inUtc8(updatedAt) })
})

test('8: with a time it has what was created after it', async () => {
  const videos = [await publish(member), await publish(member), await publish(member)]
  const after = (index: number) => {
    const latestTime = String(Date.parse(String(videos[index]?.createdAt)))
    return call('GET', '/video/feed/', { parameters: { latest_time: latestTime } })
  }
  const idsAfter = async (index: number) => {
    const { items } = read(await after(index), Feed).data
    return items.map(({ id }) => Number(id)).filter((id) => videos.some((video) => video.id === id))
  }
  // Cards come by partitions, so a later one may be there first.
  await eventually(async () => (await idsAfter(0)).length === 2)
  expect((await idsAfter(0)).sort()).toEqual([videos[1]?.id, videos[2]?.id])
  expect(await idsAfter(1)).toEqual([videos[2]?.id])
  expect(await idsAfter(2)).toEqual([])
})

test.each(['1', 'abc', '-1', '12345678901234', '1.0e12', '２０００００００００００１'])(
  '8: latest_time %j is a wrong parameter',
  async (latestTime) => {
    expectCode(await call('GET', '/video/feed/', { parameters: { latest_time: latestTime } }), 10002)
  },
)

const publishBy = (headers: Record<string, string>, fields: Field[], path = '/video/publish') =>
  send('POST', path, { headers, body: formOf(fields) })

test('9: publishing answers success and nothing else, and the video is in the list', async () => {
  const author = await newMember()
  for (const path of ['/video/publish', '/video/publish/']) {
    const title = randomName('published')
    const fields: Field[] = [
      ['data', fileOf(clip)],
      ['title', title],
      ['description', 'von Hand'],
    ]
    const answer = await publishBy(headersOf(author), fields, path)
    expect(answer).toMatchObject({ status: 200, json: { base: success } })
    expect(answer.json).toEqual({ base: success })
    const { items } = read(await list({ user_id: String(author.user.id), page_num: '0', page_size: '1' }), List).data
    expect(items[0]).toMatchObject({ title, description: 'von Hand' })
    for (const url of [items[0]?.video_url, items[0]?.cover_url]) expect((await fetch(String(url))).status).toBe(200)
  }
})

test('9: an expired access token is renewed while publishing', async () => {
  const author = await newMember()
  const old = { ...headersOf(author), 'Access-Token': await expired(author.tokens.accessToken) }
  const answer = await publishBy(old, [
    ['title', 'renewed'],
    ['description', ''],
    ['data', fileOf(clip)],
  ])
  expect(answer.json).toEqual({ base: success })
  expect(answer.headers.get('new-access-token')).toBeTruthy()
  expect(answer.headers.get('new-refresh-token')).toBeTruthy()
})

test('9: what is wrong with a publication has its code', async () => {
  const title: Field = ['title', 'title']
  const description: Field = ['description', '']
  const data: Field = ['data', fileOf(clip)]
  expectCode(await publishBy({}, [title, description, data]), 10005)
  expectCode(await publishBy({ 'Access-Token': 'x.y.z' }, [title, description, data]), 10004)
  expectCode(await publishBy(tokens, [description, data]), 10002)
  expectCode(await publishBy(tokens, [title, data]), 10002)
  expectCode(await publishBy(tokens, [title, description]), 10002)
  expectCode(await publishBy(tokens, [['title', 'x'.repeat(101)], description, data]), 10002)
  expectCode(await publishBy(tokens, [title, description, ['data', fileOf(Buffer.from('text'))]]), 12001)
  expectCode(await call('POST', '/video/publish', { headers: tokens, parameters: { title: 'x' } }), 10002)
})

test('10: pages count from 0, and total is the full count', async () => {
  const author = await newMember()
  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.unshift(String((await publish(author)).id))
  const page = async (number: number, size: number, path = '/video/list') => {
    const parameters = { user_id: String(author.user.id), page_num: String(number), page_size: String(size) }
    const { items, total } = read(await call('GET', path, { parameters }), List).data
    return { ids: items.map(({ id }) => id), total }
  }
  expect(await page(0, 2)).toEqual({ ids: ids.slice(0, 2), total: 3 })
  expect(await page(1, 2, '/video/list/')).toEqual({ ids: ids.slice(2), total: 3 })
  expect(await page(2, 2)).toEqual({ ids: [], total: 3 })
  expect(await page(0, 100)).toEqual({ ids, total: 3 })
  expect(await page(1_000_000, 100)).toEqual({ ids: [], total: 3 })
  await api(author.tokens.accessToken).videos.delete({ id: Number(ids[1]) })
  expect(await page(0, 100)).toEqual({ ids: [ids[0], ids[2]], total: 2 })
})

test.each<Parameters>([
  { page_num: '-1' },
  { page_num: '999999999999999' },
  { page_num: 'abc' },
  { page_num: '' },
  { page_size: '0' },
  { page_size: '-1' },
  { page_size: '101' },
  { page_size: '1e2' },
  { page_size: '' },
  { user_id: '' },
  { user_id: 'abc' },
  { user_id: '-1' },
])('10: a list with %j is a wrong parameter', async (wrong) => {
  expectCode(await list({ user_id: String(member.user.id), page_num: '0', page_size: '10', ...wrong }), 10002)
})

test('10: each parameter is needed', async () => {
  const complete: Parameters = { user_id: String(member.user.id), page_num: '0', page_size: '10' }
  expect(read(await list(complete), List).data.total).toBeGreaterThanOrEqual(0)
  for (const name of Object.keys(complete)) {
    const { [name]: _left, ...rest } = complete
    expectCode(await list(rest), 10002)
  }
})
