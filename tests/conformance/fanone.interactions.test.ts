import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { api, type Member, newMember, publish } from '../support/community.ts'
import { call, inUtc8, type Parameters } from '../support/compat.ts'
import { eventually } from '../support/stack.ts'
import { expectCode, Feed, headersOf, of, read, success } from './fanone-tables.ts'

// The model of a comment, written down once more and independently of our contracts.
const Time = z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
const Id = z.string().regex(/^[1-9]\d*$/)
const Comment = z.strictObject({
  id: Id,
  user_id: Id,
  video_id: Id,
  parent_id: z.union([Id, z.literal('')]),
  like_count: z.int(),
  child_count: z.int(),
  content: z.string(),
  created_at: Time,
  updated_at: Time,
  deleted_at: z.literal(''),
})
const Comments = of(z.strictObject({ items: z.array(Comment) }))

let author: Member
let member: Member
beforeAll(async () => {
  author = await newMember('author')
  member = await newMember('fanone')
})

const like = (parameters: Parameters, who: Member | undefined = member) =>
  call('POST', '/like/action', { parameters, headers: who ? headersOf(who) : {} })
const comment = (parameters: Parameters, who: Member | undefined = member) =>
  call('POST', '/comment/publish', { parameters, headers: who ? headersOf(who) : {} })
const remove = (parameters: Parameters, who: Member, as: 'query' | 'form' = 'form') =>
  call('DELETE', '/comment/delete', { parameters, headers: headersOf(who), as })
const commentsOn = async (parameters: Parameters) =>
  read(await call('GET', '/comment/list', { parameters }), Comments).data.items
const done = { base: success }

test('13: a like and its end; twice of either is told and changes nothing', async () => {
  const video = await publish(author)
  const video_id = String(video.id)
  expectCode(await like({ video_id, action_type: '2' }), 14001)
  expect((await like({ video_id, action_type: '1' })).json).toEqual(done)
  expectCode(await like({ video_id, action_type: '1' }), 14000)
  expect((await member.api.videos.get({ id: video.id })).isLiked).toBe(true)
  expect((await like({ video_id, action_type: '2' })).json).toEqual(done)
  expectCode(await like({ video_id, action_type: '2' }), 14001)
  expect((await member.api.videos.get({ id: video.id })).isLiked).toBe(false)
  expect((await like({ video_id, action_type: '1' })).json).toEqual(done)
})

test('13: comments are liked the same way', async () => {
  const video = await publish(author)
  const { id } = await author.api.comments.create({ id: video.id, text: 'like me' })
  const comment_id = String(id)
  expect((await like({ comment_id, action_type: '1' })).json).toEqual(done)
  expectCode(await like({ comment_id, action_type: '1' }), 14000)
  expect((await like({ comment_id, action_type: '2', video_id: '' })).json).toEqual(done)
  expectCode(await like({ comment_id, action_type: '2' }), 14001)
})

test('13: exactly one id, an action there is, something to like, a token', async () => {
  const video_id = String((await publish(author)).id)
  for (const action_type of ['0', '3', '-1', '12', 'like', '1 ']) {
    expectCode(await like({ video_id, action_type }), 13000)
  }
  expectCode(await like({ video_id }), 10002)
  expectCode(await like({ video_id, action_type: '' }), 10002)
  expectCode(await like({ action_type: '1' }), 10002)
  expectCode(await like({ video_id, comment_id: '1', action_type: '1' }), 10002)
  for (const wrong of ['x', '-1', '0', '1.5', '1e3']) {
    expectCode(await like({ video_id: wrong, action_type: '1' }), 10002)
  }
  for (const action_type of ['1', '2']) {
    expectCode(await like({ video_id: '1', action_type }), 15000)
    expectCode(await like({ comment_id: '1', action_type }), 15001)
  }
  expectCode(await call('POST', '/like/action', { parameters: { video_id, action_type: '1' } }), 10005)
  const headers = { 'Access-Token': 'x' }
  expectCode(await call('POST', '/like/action', { parameters: { video_id, action_type: '1' }, headers }), 10004)
})

test('14: the videos that a user likes, the last liked first, in pages that count from 0', async () => {
  const fan = await newMember('fan')
  const ids: string[] = []
  for (let count = 0; count < 3; count++) {
    const { id } = await publish(author)
    await like({ video_id: String(id), action_type: '1' }, fan)
    ids.unshift(String(id))
  }
  const user_id = String(fan.user.id)
  const list = async (parameters: Parameters, headers: Record<string, string> = {}) =>
    read(await call('GET', '/like/list', { parameters, headers }), Feed).data.items.map(({ id }) => id)
  expect(await list({ user_id })).toEqual(ids)
  expect(await list({}, headersOf(fan))).toEqual(ids)
  expect(await list({ user_id, page_num: '0', page_size: '2' })).toEqual(ids.slice(0, 2))
  expect(await list({ user_id, page_num: '1', page_size: '2' })).toEqual(ids.slice(2))
  expect(await list({ user_id, page_num: '9', page_size: '2' })).toEqual([])
  expect(await list({ user_id: String(author.user.id) })).toEqual([])
})

test('14: pages that make no sense, and nobody at all', async () => {
  const user_id = String(member.user.id)
  for (const page of [{ page_num: '-1' }, { page_size: '0' }, { page_size: '101' }, { page_num: '1000000000000' }]) {
    expectCode(await call('GET', '/like/list', { parameters: { user_id, ...page } }), 10002)
  }
  expectCode(await call('GET', '/like/list', { parameters: { user_id: 'x' } }), 10002)
  const nobody = await call('GET', '/like/list')
  expectCode(nobody, (nobody.json as { base: { code: number } }).base.code)
})

test('15 and 16: comments newest first, replies oldest first, with every field', async () => {
  const video_id = String((await publish(author)).id)
  for (const content of ['first', 'second']) expect((await comment({ video_id, content })).json).toEqual(done)
  const [second, first] = await commentsOn({ video_id })
  const comment_id = String(first?.id)
  for (const content of ['reply', 'later reply']) {
    expect((await comment({ comment_id, content }, author)).json).toEqual(done)
  }
  const written = (await api().comments.list({ id: Number(video_id) })).items.at(-1)
  expect(first).toEqual({
    id: comment_id,
    user_id: String(member.user.id),
    video_id,
    parent_id: '',
    like_count: 0,
    child_count: 0,
    content: 'first',
    created_at: inUtc8(String(written?.createdAt)),
    updated_at: inUtc8(String(written?.createdAt)),
    deleted_at: '',
  })
  expect(second?.content).toBe('second')
  const replies = await commentsOn({ comment_id })
  expect(replies.map(({ content }) => content)).toEqual(['reply', 'later reply'])
  expect(replies.map(({ parent_id }) => parent_id)).toEqual([comment_id, comment_id])
  expect((await commentsOn({ video_id })).map(({ id }) => id)).toEqual([second?.id, first?.id])
})

test('15: a reply to a reply stands below the same comment', async () => {
  const video_id = String((await publish(author)).id)
  await comment({ video_id, content: 'comment' })
  const comment_id = String((await commentsOn({ video_id }))[0]?.id)
  await comment({ comment_id, content: 'reply' })
  const reply = String((await commentsOn({ comment_id }))[0]?.id)
  expect((await comment({ comment_id: reply, content: 'reply to the reply' })).json).toEqual(done)
  expect((await commentsOn({ comment_id })).map(({ parent_id }) => parent_id)).toEqual([comment_id, comment_id])
  expect(await commentsOn({ comment_id: reply })).toEqual([])
})

test('15 and 16: exactly one id, a text, something that is there, a token', async () => {
  const video_id = String((await publish(author)).id)
  for (const parameters of [
    { content: 'x' },
    { video_id, comment_id: '1', content: 'x' },
    { video_id },
    { video_id, content: '' },
    { video_id, content: '  ' },
    { video_id, content: 'x'.repeat(1001) },
    { video_id: 'x', content: 'x' },
  ]) {
    expectCode(await comment(parameters as Parameters), 10002)
  }
  expectCode(await comment({ video_id: '1', content: 'x' }), 15000)
  expectCode(await comment({ comment_id: '1', content: 'x' }), 15001)
  expectCode(await call('POST', '/comment/publish', { parameters: { video_id, content: 'x' } }), 10005)
  for (const parameters of [{}, { video_id, comment_id: '1' }, { video_id, page_num: '-1' }, { video_id: 'x' }]) {
    expectCode(await call('GET', '/comment/list', { parameters: parameters as Parameters }), 10002)
  }
  expectCode(await call('GET', '/comment/list', { parameters: { video_id: '1' } }), 15000)
  expectCode(await call('GET', '/comment/list', { parameters: { comment_id: '1' } }), 15001)
})

test('16: pages count from 0', async () => {
  const video_id = String((await publish(author)).id)
  for (const content of ['1', '2', '3']) await comment({ video_id, content })
  const page = async (page_num: string) =>
    (await commentsOn({ video_id, page_num, page_size: '2' })).map(({ content }) => content)
  expect([await page('0'), await page('1'), await page('2')]).toEqual([['3', '2'], ['1'], []])
})

test("17: one's own only, even on one's own video; the replies go with it", async () => {
  const video_id = String((await publish(author)).id)
  await comment({ video_id, content: 'mine' })
  const comment_id = String((await commentsOn({ video_id }))[0]?.id)
  await comment({ comment_id, content: 'reply' }, author)
  const reply = String((await commentsOn({ comment_id }))[0]?.id)
  expectCode(await remove({ comment_id }, author), 15002)
  expect(await commentsOn({ video_id })).toHaveLength(1)
  expect((await remove({ comment_id, video_id }, member)).json).toEqual(done)
  expect(await commentsOn({ video_id })).toEqual([])
  expectCode(await call('GET', '/comment/list', { parameters: { comment_id } }), 15001)
  expectCode(await remove({ comment_id }, member), 15001)
  await eventually(async () => {
    const { json } = await remove({ comment_id: reply }, member)
    return (json as { base: { code: number } }).base.code === 15001
  })
})

test('17: parameters in the query too; what is there and who asks', async () => {
  const video_id = String((await publish(author)).id)
  await comment({ video_id, content: 'mine' })
  const comment_id = String((await commentsOn({ video_id }))[0]?.id)
  expectCode(await call('DELETE', '/comment/delete', { parameters: { comment_id } }), 10005)
  expectCode(await remove({}, member), 10002)
  expectCode(await remove({ comment_id: 'x' }, member), 10002)
  expectCode(await remove({ comment_id: '1' }, member), 15001)
  expect((await remove({ comment_id }, member, 'query')).json).toEqual(done)
})
