import type { V1Comment } from '@fanone/contracts/gateway'
import { hasCode } from '@fanone/service-kit'
import { beforeAll, expect, test } from 'vitest'
import { api, type Member, newMember, publish } from '../support/community.ts'
import { send } from '../support/http.ts'
import { eventually } from '../support/stack.ts'

let author: Member
let reader: Member
beforeAll(async () => {
  author = await newMember('author')
  reader = await newMember('reader')
})

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'success',
    (error) => (error as { code: string }).code,
  )

test('a like shows at once, to who likes it only', async () => {
  const { id } = await publish(author)
  await reader.api.likes.video.put({ id })
  expect((await reader.api.videos.get({ id })).isLiked).toBe(true)
  expect((await author.api.videos.get({ id })).isLiked).toBe(false)
  expect((await api().videos.get({ id })).isLiked).toBe(false)
  expect((await reader.api.videos.listByAuthor({ id: author.user.id })).items[0]).toMatchObject({ id, isLiked: true })
  expect(await reader.api.likes.getFlags({ videoIds: `${id},1` })).toEqual({ videoIds: [id], commentIds: [] })
  const shown = await eventually(async () =>
    (await reader.api.feeds.newest({ limit: 100 as never })).items.find((item) => item.id === id),
  )
  expect(shown.isLiked).toBe(true)
})

test('liking twice and unliking twice change nothing; a like that is taken back can come again', async () => {
  const { id } = await publish(author)
  const { put, delete: take } = reader.api.likes.video
  for (const step of [put, put, take, take, put, put]) expect(await codeOf(step({ id }))).toBe('success')
  expect((await reader.api.videos.get({ id })).isLiked).toBe(true)
  await take({ id })
  expect((await reader.api.videos.get({ id })).isLiked).toBe(false)
})

test('nobody likes or comments on what is not there, and nobody without a token', async () => {
  expect(await codeOf(reader.api.likes.video.put({ id: 1 }))).toBe('video_not_found')
  expect(await codeOf(reader.api.likes.video.delete({ id: 1 }))).toBe('video_not_found')
  expect(await codeOf(reader.api.likes.comment.put({ id: 1 }))).toBe('comment_not_found')
  expect(await codeOf(reader.api.comments.create({ id: 1, text: 'x' }))).toBe('video_not_found')
  expect(await codeOf(reader.api.comments.reply({ id: 1, text: 'x' }))).toBe('comment_not_found')
  expect(await codeOf(reader.api.comments.delete({ id: 1 }))).toBe('comment_not_found')
  expect(await codeOf(api().comments.list({ id: 1 }))).toBe('video_not_found')
  expect(await codeOf(api().comments.listReplies({ id: 1 }))).toBe('comment_not_found')
  expect(await codeOf(api().visits.record({ id: 1 }))).toBe('video_not_found')
  expect(await codeOf(api().likes.video.put({ id: 1 }))).toBe('unauthenticated')
  expect(await codeOf(api().comments.create({ id: 1, text: 'x' }))).toBe('unauthenticated')
})

test('the likes of a user are listed, the last liked first, page by page without repeats or gaps', async () => {
  const fan = await newMember('fan')
  const videos = [await publish(author), await publish(author), await publish(author)]
  const [first, second, third] = videos.map(({ id }) => id) as [number, number, number]
  for (const id of [second, first, third]) await fan.api.likes.video.put({ id })
  await fan.api.likes.video.delete({ id: second })
  await fan.api.likes.video.put({ id: second })
  const ids: number[] = []
  let cursor: string | undefined
  do {
    const page = await api().likes.listVideos({ id: fan.user.id, limit: 2 as never, ...(cursor ? { cursor } : {}) })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(ids).toEqual([second, third, first])
  expect((await fan.api.likes.listVideos({ id: fan.user.id })).items.map(({ isLiked }) => isLiked)).toEqual([
    true,
    true,
    true,
  ])
})

test('comments are listed newest first, replies oldest first, and a reply to a reply stands beside it', async () => {
  const { id } = await publish(author)
  const first = await reader.api.comments.create({ id, text: 'first' })
  const second = await author.api.comments.create({ id, text: 'second <b>&' })
  const reply = await author.api.comments.reply({ id: first.id, text: 'reply' })
  const below = await reader.api.comments.reply({ id: reply.id, text: 'reply to the reply' })
  expect(first).toMatchObject({ kind: 'video', contentId: id, parentId: null, text: 'first', isLiked: false })
  expect(first.author).toMatchObject({ id: reader.user.id, name: reader.user.name })
  expect([reply.parentId, below.parentId]).toEqual([first.id, first.id])
  // What counts belongs to stats, and comes when it comes.
  const still = (items: V1Comment[]) => items.map((item) => ({ ...item, counters: { likes: 0, comments: 0 } }))
  expect(still((await api().comments.list({ id })).items)).toEqual([second, first])
  expect(still((await api().comments.listReplies({ id: first.id })).items)).toEqual([reply, below])
  expect((await api().comments.listReplies({ id: second.id })).items).toEqual([])
  const page = await api().comments.list({ id, limit: 1 as never })
  expect(still(page.items)).toEqual([second])
  const rest = await api().comments.list({ id, limit: 1 as never, cursor: page.nextCursor as string })
  expect({ ...rest, items: still(rest.items) }).toEqual({ items: [first], nextCursor: null })
  expect(await codeOf(api().comments.listReplies({ id: first.id, cursor: page.nextCursor as string }))).toBe(
    'malformed_cursor',
  )
})

test('a comment is liked as a video is', async () => {
  const { id } = await publish(author)
  const comment = await author.api.comments.create({ id, text: 'like me' })
  await reader.api.likes.comment.put({ id: comment.id })
  expect((await reader.api.comments.list({ id })).items[0]?.isLiked).toBe(true)
  expect((await author.api.comments.list({ id })).items[0]?.isLiked).toBe(false)
  expect(await reader.api.likes.getFlags({ commentIds: String(comment.id) })).toEqual({
    videoIds: [],
    commentIds: [comment.id],
  })
  await reader.api.likes.comment.delete({ id: comment.id })
  expect((await reader.api.comments.list({ id })).items[0]?.isLiked).toBe(false)
})

test('a comment that is sent twice with the same key is written once', async () => {
  const { id } = await publish(author)
  const headers = {
    authorization: `Bearer ${reader.tokens.accessToken}`,
    'idempotency-key': `key-${id}`,
    'content-type': 'application/json',
  }
  const write = (text: string) => send('POST', `/v1/videos/${id}/comments`, { headers, body: JSON.stringify({ text }) })
  const [first, again] = [await write('once'), await write('once')]
  expect(first.status).toBe(201)
  expect((again.json as { id: number }).id).toBe((first.json as { id: number }).id)
  expect((await write('something else')).status).toBe(422)
  expect((await api().comments.list({ id })).items).toHaveLength(1)
})

test('who wrote a comment deletes it, who owns the video deletes any, others do not', async () => {
  const { id } = await publish(author)
  const own = await reader.api.comments.create({ id, text: 'mine' })
  const disliked = await reader.api.comments.create({ id, text: 'disliked' })
  const stranger = await newMember('stranger')
  expect(await codeOf(stranger.api.comments.delete({ id: own.id }))).toBe('forbidden')
  await reader.api.comments.delete({ id: own.id })
  await author.api.comments.delete({ id: disliked.id })
  expect((await api().comments.list({ id })).items).toEqual([])
  expect(await codeOf(reader.api.comments.delete({ id: own.id }))).toBe('comment_not_found')
})

test('with a comment go its replies and its likes', async () => {
  const { id } = await publish(author)
  const parent = await reader.api.comments.create({ id, text: 'parent' })
  const reply = await author.api.comments.reply({ id: parent.id, text: 'reply' })
  await author.api.likes.comment.put({ id: parent.id })
  await reader.api.likes.comment.put({ id: reply.id })
  await reader.api.comments.delete({ id: parent.id })
  expect(await codeOf(api().comments.listReplies({ id: parent.id }))).toBe('comment_not_found')
  expect(await codeOf(reader.api.comments.reply({ id: parent.id, text: 'late' }))).toBe('comment_not_found')
  await eventually(async () => {
    const { commentIds } = await reader.api.likes.getFlags({ commentIds: `${parent.id},${reply.id}` })
    const { commentIds: others } = await author.api.likes.getFlags({ commentIds: `${parent.id},${reply.id}` })
    return commentIds.length + others.length === 0
  })
  expect(await codeOf(reader.api.comments.reply({ id: reply.id, text: 'late' }))).toBe('comment_not_found')
})

test('with a video go its likes and its comments', async () => {
  const { id } = await publish(author)
  await reader.api.likes.video.put({ id })
  const comment = await reader.api.comments.create({ id, text: 'soon gone' })
  await reader.api.likes.comment.put({ id: comment.id })
  await author.api.videos.delete({ id })
  await eventually(async () => {
    const flags = await reader.api.likes.getFlags({ videoIds: String(id), commentIds: String(comment.id) })
    return flags.videoIds.length + flags.commentIds.length === 0
  })
  expect(await codeOf(reader.api.likes.video.put({ id }))).toBe('video_not_found')
  expect(await codeOf(reader.api.comments.create({ id, text: 'late' }))).toBe('video_not_found')
  expect(await codeOf(api().comments.list({ id }))).toBe('video_not_found')
  expect((await api().likes.listVideos({ id: reader.user.id })).items.some((video) => video.id === id)).toBe(false)
})

test('a viewer counts once, whoever they are', async () => {
  const { id } = await publish(author)
  expect(await reader.api.visits.record({ id })).toEqual({ counted: true })
  expect(await reader.api.visits.record({ id })).toEqual({ counted: false })
  expect(await author.api.visits.record({ id })).toEqual({ counted: true })
  expect(await api().visits.record({ id })).toEqual({ counted: true })
  expect(await api().visits.record({ id })).toEqual({ counted: false })
})

test('visits of one viewer at the same time count once', async () => {
  const { id } = await publish(author)
  const answers = await Promise.all(Array.from({ length: 8 }, () => api().visits.record({ id })))
  expect(answers.filter(({ counted }) => counted)).toHaveLength(1)
})

test('a text that is too long, empty or holds control characters is refused', async () => {
  const { id } = await publish(author)
  for (const text of ['', ' \n ', 'x'.repeat(1001), 'a\u0000b']) {
    const error = await reader.api.comments.create({ id, text }).catch((thrown) => thrown)
    expect(hasCode(error, 'invalid_input')).toBe(true)
  }
  const longest = '字'.repeat(1000)
  expect((await reader.api.comments.create({ id, text: longest })).text).toBe(longest)
})
