import { afterAll, beforeAll, expect, test } from 'vitest'
import { profileOf, userUpdatedDelivery } from '../support/played-users.ts'
import { commentBy, type InteractionParts, interactionParts, userWithId } from './interaction-parts.ts'

let parts: InteractionParts
beforeAll(async () => {
  parts = await interactionParts()
  await parts.query("insert into @.content (kind, id, author_id) values ('video', 1, 5), ('video', 2, 5)")
})
afterAll(() => parts.close())

const on = (id: number, text: string) => ({ target: { kind: 'video' as const, id }, text })

test('comments that are committed together are there with an event each, told in its own trace', async () => {
  const within: number[] = []
  const calls = [11, 12, 13].map((userId, index) => ({
    ...commentBy(userId, on(1, `by ${userId}`), 'the same key of each'),
    within: <Result>(work: () => Result) => {
      within.push(index)
      return work()
    },
  }))
  const comments = await parts.comments.createMany(calls)
  expect(comments).toMatchObject([11, 12, 13].map((userId) => ({ userId, contentId: 1, text: `by ${userId}` })))
  expect(within).toEqual([0, 1, 2])
  const told = (await parts.eventsOf(1)).map(({ topic, data }) => [topic, data.commentId])
  expect(told).toEqual(comments.map((comment) => ['comment.created', comment?.id]))
})

test('a repeat, in a group or alone, has the answer of the first and writes nothing', async () => {
  const call = commentBy(21, on(2, 'once'), 'a key')
  const [first, twice] = await parts.comments.createMany([call, { ...call }])
  expect(first).toMatchObject({ text: 'once' })
  expect(twice).toBeUndefined()
  expect(await parts.comments.createMany([call])).toEqual([undefined])
  expect(await parts.comments.create(call)).toEqual(first)
  await expect(parts.comments.create({ ...call, input: on(2, 'other') })).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  })
  expect(await parts.eventsOf(2)).toHaveLength(1)
})

test('the same keys in groups of two instances at the same time are written once', async () => {
  const other = await parts.instance()
  const calls = Array.from({ length: 10 }, (_, index) => commentBy(31 + index, on(2, 'at once'), `key ${index}`))
  const groups = [parts.comments, other.comments].map((comments, index) =>
    comments.createMany(index === 0 ? calls : calls.toReversed()).catch(() => []),
  )
  await Promise.all(groups)
  const answers = await Promise.all(calls.map((call) => parts.comments.create(call)))
  const rows = await parts.query<{ id: number }>("select id from @.comment where text = 'at once'")
  expect(rows.map(({ id }) => id).toSorted()).toEqual(answers.map(({ id }) => id).toSorted())
})

test('replies and what is not there are left out, the others are written', async () => {
  const [parent] = await parts.comments.createMany([commentBy(41, on(1, 'parent'))])
  const reply = { target: { kind: 'comment' as const, id: parent?.id ?? 0 }, text: 'reply' }
  const answers = await parts.comments.createMany([
    commentBy(42, reply),
    commentBy(43, on(404, 'nowhere')),
    commentBy(44, on(1, 'here')),
  ])
  expect(answers).toMatchObject([undefined, undefined, { text: 'here' }])
  expect(await parts.comments.create(commentBy(42, reply))).toMatchObject({ parentId: parent?.id })
})

test('what a hidden user wrote, or has, or likes is not shown until they are shown again', async () => {
  const [author, writer, reader] = [601, 602, 603]
  await parts.query("insert into @.content (kind, id, author_id) values ('video', 60, ?)", [author])
  const [mine, other] = await parts.comments.createMany([
    commentBy(writer, on(60, 'mine')),
    commentBy(reader, on(60, 'other')),
  ])
  const target = { kind: 'comment', id: Number(mine?.id) } as const
  const reply = await parts.comments.create(commentBy(reader, { target, text: 'a reply' }))
  await parts.likes.like(userWithId(writer), { kind: 'video', id: 60 })
  const tell = (id: number, version: number, isHidden: boolean) =>
    parts.events['user.updated'](userUpdatedDelivery({ ...profileOf(id, { version }), isHidden }))
  const paging = { offset: 0, limit: 10 }
  const list = async () => {
    const { items } = (await parts.comments.list({ target: { kind: 'video', id: 60 }, ...paging })).read()
    return items.map(({ id }) => id)
  }
  const replies = async () => {
    const { items } = (await parts.comments.replies({ commentId: target.id, ...paging })).read()
    return items.map(({ id }) => id)
  }
  const liked = async () => (await parts.likes.listByUser({ userId: writer, kind: 'video', ...paging })).items.length
  const gone = (code: string) => ({ code })
  expect([await list(), await replies(), await liked()]).toEqual([[other?.id, mine?.id], [reply.id], 1])

  await tell(writer, 2, true)
  expect([await list(), await liked()]).toEqual([[other?.id], 0])
  await expect(replies()).rejects.toMatchObject(gone('comment_not_found'))
  await expect(parts.comments.create(commentBy(reader, { target, text: 'more' }))).rejects.toMatchObject(
    gone('comment_not_found'),
  )
  await tell(writer, 3, false)
  expect([await list(), await replies(), await liked()]).toEqual([[other?.id, mine?.id], [reply.id], 1])

  await tell(author, 2, true)
  await expect(list()).rejects.toMatchObject(gone('video_not_found'))
  await expect(replies()).rejects.toMatchObject(gone('comment_not_found'))
  await tell(author, 3, false)
  expect(await list()).toHaveLength(2)
})
