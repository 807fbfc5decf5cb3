import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/stack.ts'
import { commentBy, delivery, type InteractionParts, interactionParts, userWithId } from './interaction-parts.ts'

let parts: InteractionParts
beforeAll(async () => {
  parts = await interactionParts()
})
afterAll(() => parts.close())

const USERS = 700
const COMMENTS = 300

/**
 * A video with more likes and comments than end at a time; every third comment has a reply, every
 * fifth a like.
 */
async function busyVideo(id: number) {
  await parts.query('insert into @.content (kind, id, author_id) values ("video", ?, 1)', [id])
  const likes = Array.from({ length: USERS }, (_, index) => {
    const likeId = id * 10_000 + index
    return [likeId, 'video', id, 1, 1_000 + index, index % 7 === 0 ? null : likeId]
  })
  const comments = Array.from({ length: COMMENTS }, (_, index) => {
    const parentId = index % 3 === 1 ? id * 10_000 + index - 1 : 0
    return [id * 10_000 + index, 'video', id, 1, parentId, 2, `comment ${index}`]
  })
  const commentLikes = comments
    .filter((_, index) => index % 5 === 0)
    .map(([commentId]) => [Number(commentId) + 5_000, 'comment', commentId, 2, 3, Number(commentId) + 5_000])
  await parts.query('insert into @.content_like (id, kind, content_id, author_id, user_id, liked_id) values ?', [
    [...likes, ...commentLikes],
  ])
  await parts.query('insert into @.comment (id, kind, content_id, author_id, parent_id, user_id, text) values ?', [
    comments,
  ])
  return { liked: likes.filter((row) => row[5] !== null).length, commentLikes: commentLikes.length }
}

/** As the worker does, which runs in one of the tests. */
async function endEverything() {
  for (let next = await parts.cascades.next(); next; next = await parts.cascades.next())
    await parts.cascades.deleteSome(next)
}

const isDone = async () => (await parts.query('select 1 from @.ended_content limit 1')).length === 0
const countEvents = async (topic: string) =>
  Number(
    (await parts.query<{ count: number }>('select count(*) as count from @.outbox where topic = ?', [topic]))[0]?.count,
  )

test('with a video end its likes, its comments and their likes, each with one event, whoever dies in between', async () => {
  const { liked, commentLikes } = await busyVideo(1)
  await parts.visits.record(userWithId(9), { target: { kind: 'video', id: 1 } })
  await parts.events['video.deleted'](delivery('video.deleted', { videoId: 1, authorId: 1 }))
  // One batch, and then whoever did it is gone.
  const first = await parts.cascades.next()
  expect(first).toEqual({ kind: 'video', ids: [1] })
  expect(await parts.cascades.deleteSome(first as never)).toBe(false)
  const other = await parts.instance()
  parts.worker.start()
  other.worker.start()
  await eventually(isDone, { timeoutMs: 30_000 })
  await Promise.all([parts.worker.stop(), other.worker.stop()])
  expect(await parts.query('select id from @.content_like')).toEqual([])
  expect(await parts.query('select id from @.comment where deleted_at is null')).toEqual([])
  expect(await parts.query('select visits from @.visit_hour')).toEqual([])
  expect(await countEvents('content.unliked')).toBe(liked + commentLikes)
  expect(await countEvents('comment.deleted')).toBe(COMMENTS)
  // A second deletion of the same, delivered again, does nothing more.
  await parts.events['video.deleted'](delivery('video.deleted', { videoId: 1, authorId: 1 }))
  expect(await isDone()).toBe(true)
})

test('with a comment end its replies and the likes of both, and nothing of its neighbours', async () => {
  await busyVideo(2)
  const before = await countEvents('comment.deleted')
  await parts.comments.delete(userWithId(2), { id: 20_000, onlyOwn: false })
  await endEverything()
  const gone = await parts.query<{ id: number }>('select id from @.comment where content_id = 2 and deleted_at > 0')
  expect(gone.map(({ id }) => id)).toEqual([20_000, 20_001])
  expect((await countEvents('comment.deleted')) - before).toBe(2)
  const likes = await parts.query(
    'select id from @.content_like where kind = "comment" and content_id in (20000, 20001)',
  )
  expect(likes).toEqual([])
  expect(await parts.query('select id from @.content_like where kind = "comment"')).toHaveLength(COMMENTS / 5 - 1)
})

test('a comment that is deleted twice at the same time is deleted once', async () => {
  const target = { kind: 'video', id: 2 } as const
  const { id } = await parts.comments.create(commentBy(2, { target, text: 'x' }))
  const other = await parts.instance()
  const ended = await Promise.allSettled(
    [parts, other, parts, other].map(({ comments }) => comments.delete(userWithId(2), { id, onlyOwn: true })),
  )
  expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const told = (await parts.eventsOf(2)).filter(
    ({ topic, data }) => topic === 'comment.deleted' && data.commentId === id,
  )
  expect(told).toHaveLength(1)
})

test('replies that are written while their comment is deleted are refused or end with it', async () => {
  const target = { kind: 'video', id: 2 } as const
  const { id } = await parts.comments.create(commentBy(2, { target, text: 'parent' }))
  const replies = Array.from({ length: 20 }, (_, index) =>
    parts.comments.create(commentBy(3, { target: { kind: 'comment', id }, text: `reply ${index}` })),
  )
  const ended = await Promise.allSettled([...replies, parts.comments.delete(userWithId(2), { id, onlyOwn: true })])
  expect(ended.at(-1)?.status).toBe('fulfilled')
  await endEverything()
  expect(await parts.query('select id from @.comment where parent_id = ? and deleted_at is null', [id])).toEqual([])
})
