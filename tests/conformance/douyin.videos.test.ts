import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { clipFile, type Member, newMember, publish, randomName } from '../support/community.ts'
import { call, type Parameters } from '../support/compat.ts'
import { send } from '../support/http.ts'
import { eventually } from '../support/stack.ts'
import { expired } from '../support/tokens.ts'
import { type Field, fileOf, formOf } from '../support/uploads.ts'
import { Done, expectError, Feed, List, plainUser, read } from './douyin-tables.ts'

let member: Member
let token: string
let clip: Buffer
beforeAll(async () => {
  member = await newMember('douyin')
  token = member.tokens.accessToken
  clip = await readFile(await clipFile())
})

const feed = async (parameters: Parameters = {}) => read(await call('GET', '/douyin/feed/', { parameters }), Feed)

/** Works are counted soon after they are published. */
const authorOf = (one: Member) => ({ ...plainUser(one), work_count: expect.any(Number) })

test('1: the feed has at most 30 videos, newest first, and tells where to go on', async () => {
  const video = await publish(member, { title: randomName('seen') })
  const { video_list: videos } = await eventually(async () => {
    const page = await feed()
    return page.video_list.some(({ id }) => id === video.id) && page
  })
  expect(videos.length).toBeLessThanOrEqual(30)
  expect(videos.map(({ id }) => id)).toEqual(videos.map(({ id }) => id).sort((a, b) => b - a))
  // Others publish at the same time.
  expect(videos.find(({ id }) => id === video.id)).toEqual({
    id: video.id,
    author: authorOf(member),
    play_url: video.videoUrl,
    cover_url: video.coverUrl,
    favorite_count: 0,
    comment_count: 0,
    is_favorite: false,
    title: video.title,
  })
  // The last one is somebody's who may delete it now.
  await eventually(async () => {
    const page = await feed()
    const oldest = await member.api.videos.get({ id: Number(page.video_list.at(-1)?.id) })
    expect(page.next_time).toBe(Date.parse(oldest.createdAt))
    return true
  })
})

test('1: latest_time is exclusive and may be in ms or seconds; with next_time one scrolls without repeating', async () => {
  const videos = [await publish(member), await publish(member)]
  const idsFrom = async (latestTime?: number) => {
    const page = await feed(latestTime === undefined ? {} : { latest_time: String(latestTime) })
    return page.video_list.map(({ id }) => id)
  }
  const [earlier, later] = videos.map(({ id }) => id)
  await eventually(async () => (await idsFrom()).includes(later as number))
  const createdMs = Date.parse(String(videos[1]?.createdAt))
  // Others publish in the same millisecond.
  expect((await idsFrom(createdMs + 1)).find((id) => id === earlier || id === later)).toBe(later)
  const exclusive = await idsFrom(createdMs)
  expect(exclusive).toContain(earlier)
  expect(exclusive).not.toContain(later)
  const nextSecond = Math.floor(createdMs / 1000) + 1
  expect(await idsFrom(nextSecond)).toContain(later)
  expect(await idsFrom(nextSecond - 3600)).not.toContain(earlier)
  const first = await feed()
  const second = await feed({ latest_time: String(first.next_time) })
  const repeated = second.video_list.filter(({ id }) => first.video_list.some((video) => video.id === id))
  expect(repeated).toEqual([])
})

test('1: before everything there is an empty list and still a time', async () => {
  for (const latestTime of ['1000000000', '1000000000000']) {
    expect(await feed({ latest_time: latestTime })).toMatchObject({ video_list: [], next_time: 1_000_000_000_000 })
  }
})

test('1: the feed needs no token, and a bad one does not hurt', async () => {
  for (const parameters of [{}, { token: '' }, { token }, { token: 'x.y.z' }, { token: await expired(token) }])
    expect((await feed(parameters)).video_list.length).toBeGreaterThan(0)
  for (const latestTime of ['', '0', 'null', '99999999999999', '99999999999999999999'])
    expect((await feed({ latest_time: latestTime })).video_list.length).toBeGreaterThan(0)
  expect(read(await send('GET', '/douyin/feed'), Feed).video_list.length).toBeGreaterThan(0)
  for (const latestTime of ['abc', '-1', '1.5'])
    expectError(await call('GET', '/douyin/feed/', { parameters: { latest_time: latestTime } }))
})

const publishBy = (fields: Field[], path = '/douyin/publish/action/') => send('POST', path, { body: formOf(fields) })
const data = (): Field => ['data', fileOf(clip)]

test('5, 6: what is published is in the list of its author at once, and plays', async () => {
  const author = await newMember()
  const { accessToken } = author.tokens
  const orders: Field[][] = [
    [['token', accessToken], ['title', 'token first'], data()],
    [data(), ['title', 'token last'], ['token', accessToken]],
  ]
  for (const [index, fields] of orders.entries()) {
    const path = index === 0 ? '/douyin/publish/action/' : '/douyin/publish/action'
    const answer = await publishBy(fields, path)
    read(answer, Done)
    const parameters = { user_id: String(author.user.id), token }
    const { video_list: videos } = read(await call('GET', '/douyin/publish/list/', { parameters }), List)
    expect(videos).toHaveLength(index + 1)
    expect(videos[0]).toMatchObject({ title: index === 0 ? 'token first' : 'token last', author: authorOf(author) })
    const played = await fetch(String(videos[0]?.play_url))
    expect(Buffer.from(await played.arrayBuffer())).toEqual(clip)
    expect((await fetch(String(videos[0]?.cover_url))).headers.get('content-type')).toBe('image/jpeg')
  }
})

test('5: a publication without token, title or video is an error, and nothing is published', async () => {
  const author = await newMember()
  const good: Field = ['token', author.tokens.accessToken]
  const title: Field = ['title', 'title']
  const old = await expired(author.tokens.accessToken)
  const attempts: Field[][] = [
    [title, data()],
    [['token', ''], title, data()],
    [['token', 'x.y.z'], title, data()],
    [data(), title, ['token', 'x.y.z']],
    [['token', old], title, data()],
    [good, data()],
    [good, title],
    [good, ['title', ''], data()],
    [good, ['title', 'x'.repeat(101)], data()],
    [good, title, ['data', fileOf(Buffer.from('text'))]],
  ]
  for (const fields of attempts) expectError(await publishBy(fields))
  const parameters = { user_id: String(author.user.id), token }
  const { video_list: videos } = read(await call('GET', '/douyin/publish/list', { parameters }), List)
  expect(videos).toEqual([])
})

test('6: the list needs its author and a token', async () => {
  const userId = String(member.user.id)
  const attempts: Parameters[] = [
    { user_id: userId },
    { user_id: userId, token: 'x.y.z' },
    { token },
    { token, user_id: 'abc' },
  ]
  for (const parameters of attempts) expectError(await call('GET', '/douyin/publish/list/', { parameters }))
})

test('6: the list has all videos of its author, newest first', async () => {
  const author = await newMember()
  const ids: number[] = []
  for (let count = 0; count < 3; count++) ids.unshift((await publish(author)).id)
  const parameters = { user_id: String(author.user.id), token: author.tokens.accessToken }
  const { video_list: videos } = read(await call('GET', '/douyin/publish/list/', { parameters }), List)
  expect(videos.map(({ id }) => id)).toEqual(ids)
})
