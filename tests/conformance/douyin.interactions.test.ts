import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { api, type Member, newMember, publish } from '../support/community.ts'
import { call, inUtc8, type Parameters } from '../support/compat.ts'
import { eventually } from '../support/stack.ts'
import { Done, expectError, Feed, List, plainUser, read, User } from './douyin-tables.ts'

// The model of a comment, written down once more and independently of our contracts.
const Comment = z.strictObject({
  id: z.int().positive(),
  user: User,
  content: z.string(),
  create_date: z.string().regex(/^\d\d-\d\d$/),
})
const status = { status_code: z.int(), status_msg: z.string() }
const Commented = z.strictObject({ ...status, comment: Comment })
const Comments = z.strictObject({ ...status, comment_list: z.array(Comment) })

let author: Member
let member: Member
let token: string
beforeAll(async () => {
  author = await newMember('author')
  member = await newMember('douyin')
  token = member.tokens.accessToken
})

const favorite = (parameters: Parameters, as: 'query' | 'form' = 'query') =>
  call('POST', '/douyin/favorite/action/', { parameters, as })
const comment = (parameters: Parameters, as: 'query' | 'form' = 'query') =>
  call('POST', '/douyin/comment/action/', { parameters, as })

test('7: a like and its end; twice of either answers 0', async () => {
  const { id } = await publish(author)
  const video_id = String(id)
  for (const [action_type, isLiked] of [
    ['1', true],
    ['1', true],
    ['2', false],
    ['2', false],
    ['1', true],
  ] as const) {
    read(await favorite({ token, video_id, action_type }), Done)
    expect((await member.api.videos.get({ id })).isLiked).toBe(isLiked)
  }
  read(await favorite({ token, video_id, action_type: '2' }, 'form'), Done)
  read(
    await call('POST', `/douyin/favorite/action?token=${token}`, { parameters: { video_id, action_type: '1' } }),
    Done,
  )
})

test('7: something to like, an action there is, a token', async () => {
  const video_id = String((await publish(author)).id)
  for (const action_type of ['0', '3', 'x', '']) expectError(await favorite({ token, video_id, action_type }))
  expectError(await favorite({ token, action_type: '1' }))
  expectError(await favorite({ token, video_id }))
  expectError(await favorite({ token, video_id: '1', action_type: '1' }))
  expectError(await favorite({ token, video_id: 'x', action_type: '1' }))
  expectError(await favorite({ video_id, action_type: '1' }))
  expectError(await favorite({ token: 'x', video_id, action_type: '1' }))
})

test('is_favorite reads what one has just done, in every list, for oneself alone', async () => {
  const { id } = await publish(author)
  await favorite({ token, video_id: String(id), action_type: '1' })
  const feed = async (parameters: Parameters) =>
    eventually(async () =>
      read(await call('GET', '/douyin/feed/', { parameters }), Feed).video_list.find((video) => video.id === id),
    )
  expect((await feed({ token })).is_favorite).toBe(true)
  expect((await feed({ token: author.tokens.accessToken })).is_favorite).toBe(false)
  expect((await feed({})).is_favorite).toBe(false)
  const user_id = String(author.user.id)
  const published = read(await call('GET', '/douyin/publish/list/', { parameters: { user_id, token } }), List)
  expect(published.video_list.find((video) => video.id === id)?.is_favorite).toBe(true)
  await favorite({ token, video_id: String(id), action_type: '2' })
  expect((await feed({ token })).is_favorite).toBe(false)
})

test('8: all videos that a user likes, the last liked first, with their authors', async () => {
  const fan = await newMember('fan')
  const videos = [await publish(author), await publish(member), await publish(author)]
  for (const { id } of videos) await fan.api.likes.video.put({ id })
  const user_id = String(fan.user.id)
  const list = async (by: string) =>
    read(await call('GET', '/douyin/favorite/list/', { parameters: { user_id, token: by } }), List).video_list
  const liked = await list(token)
  expect(liked.map(({ id }) => id)).toEqual(videos.map(({ id }) => id).reverse())
  expect(liked[0]?.author).toMatchObject({ id: author.user.id, name: author.user.name })
  expect(liked.map(({ is_favorite }) => is_favorite)).toEqual([false, false, false])
  expect((await list(fan.tokens.accessToken)).map(({ is_favorite }) => is_favorite)).toEqual([true, true, true])
  expectError(await call('GET', '/douyin/favorite/list/', { parameters: { user_id } }))
  expectError(await call('GET', '/douyin/favorite/list/', { parameters: { token } }))
  expectError(await call('GET', '/douyin/favorite/list/', { parameters: { user_id: 'x', token } }))
})

test('9 and 10: comments newest first, with who wrote them and the day in UTC+8', async () => {
  const writer = await newMember('writer')
  const token = writer.tokens.accessToken
  const { id } = await publish(author)
  const video_id = String(id)
  const texts = ['first', 'second 第二']
  const made = []
  for (const [index, comment_text] of texts.entries()) {
    const as = index === 0 ? 'query' : 'form'
    const answer = await comment({ token, video_id, action_type: '1', comment_text }, as)
    made.unshift(read(answer, Commented).comment)
  }
  const { items } = await api().comments.list({ id })
  expect(made[0]).toEqual({
    id: items[0]?.id,
    user: plainUser(writer),
    content: 'second 第二',
    create_date: inUtc8(String(items[0]?.createdAt)).slice(5, 10),
  })
  for (const parameters of [{ video_id }, { video_id, token }, { video_id, token: 'x' }] as Parameters[]) {
    expect(read(await call('GET', '/douyin/comment/list/', { parameters }), Comments).comment_list).toEqual(made)
  }
})

test("9: deleting; somebody else's cannot be deleted, except on one's own video", async () => {
  const { id } = await publish(author)
  const video_id = String(id)
  const write = async () =>
    read(await comment({ token, video_id, action_type: '1', comment_text: 'x' }), Commented).comment.id
  const [first, second] = [String(await write()), String(await write())]
  const stranger = (await newMember('stranger')).tokens.accessToken
  expectError(await comment({ token: stranger, video_id, action_type: '2', comment_id: first }))
  read(await comment({ token, video_id, action_type: '2', comment_id: first }), Done)
  expectError(await comment({ token, video_id, action_type: '2', comment_id: first }))
  read(await comment({ token: author.tokens.accessToken, video_id, action_type: '2', comment_id: second }), Done)
  expect(read(await call('GET', '/douyin/comment/list/', { parameters: { video_id } }), Comments).comment_list).toEqual(
    [],
  )
})

test('9 and 10: what each action needs, something that is there, a token', async () => {
  const video_id = String((await publish(author)).id)
  for (const parameters of [
    { video_id, action_type: '1' },
    { video_id, action_type: '1', comment_text: '' },
    { video_id, action_type: '1', comment_text: 'x'.repeat(1001) },
    { video_id, action_type: '2' },
    { video_id, action_type: '2', comment_id: '1' },
    { video_id, action_type: '3', comment_text: 'x' },
    { video_id, comment_text: 'x' },
    { action_type: '1', comment_text: 'x' },
    { video_id: '1', action_type: '1', comment_text: 'x' },
  ] as unknown as Parameters[]) {
    expectError(await comment({ token, ...parameters }))
  }
  expectError(await comment({ video_id, action_type: '1', comment_text: 'x' }))
  expectError(await call('GET', '/douyin/comment/list/'))
  expectError(await call('GET', '/douyin/comment/list/', { parameters: { video_id: '1' } }))
})
