import type { countersChanged, EventData, ListedComment } from '@fanone/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { profileOf, userUpdatedDelivery } from '../support/played-users.ts'
import { commentBy, type InteractionParts, interactionParts, userWithId } from './interaction-parts.ts'

let parts: InteractionParts
beforeAll(async () => {
  parts = await interactionParts()
})
afterAll(() => parts.close())

let lastId = 1_000
/** A video of which nothing is known here yet, with comments by these users. */
async function newVideo(...userIds: number[]) {
  const target = { kind: 'video', id: ++lastId } as const
  parts.catalogue.set(target.id, { id: target.id, authorId: 1 })
  const comments = []
  for (const userId of userIds)
    comments.push(await parts.comments.create(commentBy(userId, { target, text: 'x' }, `${++lastId}`)))
  const list = async (options: { viewerId?: number; limit?: number; cursor?: string } = {}) =>
    (await parts.comments.list({ target, offset: 0, limit: 100, ...options })).read()
  return { target, comments, list, ids: comments.map(({ id }) => id) }
}

const hearCounters = (...items: Partial<EventData<typeof countersChanged>['items'][number]>[]) =>
  parts.events['counters.changed']({
    data: { items: items.map((item) => ({ kind: 'comment', visits: 0, ...item })) },
  } as never)

const newUserId = () => ++lastId

test('a page has the authors, each once, with their newest names', async () => {
  const [ann, bob] = [newUserId(), newUserId()]
  const { list } = await newVideo(ann, bob, ann)
  const page = await list()
  expect(page.items.map(({ userId }) => userId)).toEqual([ann, bob, ann])
  expect(page.authors.map(({ id, name }) => [id, name])).toEqual([
    [ann, `U${ann}`],
    [bob, `U${bob}`],
  ])
  await parts.events['user.updated'](userUpdatedDelivery(profileOf(bob, { version: 2, name: 'Robert' })))
  expect((await list()).authors.map(({ name }) => name)).toEqual([`U${ann}`, 'Robert'])
})

test('a page has the counters of stats; older ones, those of others and repeats change nothing', async () => {
  const { list, ids } = await newVideo(newUserId(), newUserId())
  const [first = 0, second = 0] = ids
  const counted = async () => Object.fromEntries((await list()).items.map(({ id, counters }) => [id, counters]))
  expect(await counted()).toEqual({ [first]: { likes: 0, comments: 0 }, [second]: { likes: 0, comments: 0 } })
  const newer = { id: first, version: 3, likes: 5, comments: 2 }
  await hearCounters(newer, { id: second, version: 1, likes: 1, comments: 0 })
  await hearCounters(
    { id: first, version: 2, likes: 4, comments: 9 },
    { kind: 'video', id: second, version: 9, likes: 9 },
  )
  await hearCounters(newer)
  expect(await counted()).toEqual({ [first]: { likes: 5, comments: 2 }, [second]: { likes: 1, comments: 0 } })
})

test('events of the same comments at the same time, in both orders and instances, leave the newest', async () => {
  const { list, ids } = await newVideo(newUserId(), newUserId(), newUserId())
  const other = await parts.instance()
  const versions = Array.from({ length: 20 }, (_, index) => index + 1)
  await Promise.all(
    versions.map((version) => {
      const items = (version % 2 ? ids : ids.toReversed()).map((id) => ({
        kind: 'comment',
        id,
        version,
        likes: version,
        comments: 0,
      }))
      return (version % 3 ? parts : other).events['counters.changed']({ data: { items } } as never)
    }),
  )
  expect((await list()).items.map(({ counters }) => counters.likes)).toEqual([20, 20, 20])
})

test('a page says what the viewer likes, at once; nobody in particular likes nothing', async () => {
  const viewerId = newUserId()
  const { list, ids } = await newVideo(newUserId(), newUserId())
  const [first = 0, second = 0] = ids
  const liked = async (options: { viewerId?: number }) =>
    (await list(options)).items.filter(({ isLiked }) => isLiked).map(({ id }) => id)
  await parts.likes.like(userWithId(viewerId), { kind: 'comment', id: first })
  await parts.likes.like(userWithId(newUserId()), { kind: 'comment', id: second })
  expect(await liked({ viewerId })).toEqual([first])
  expect(await liked({})).toEqual([])
  await parts.likes.unlike(userWithId(viewerId), { kind: 'comment', id: first })
  expect(await liked({ viewerId })).toEqual([])
})

test('replies come the same way', async () => {
  const [writer, viewerId] = [newUserId(), newUserId()]
  const { comments } = await newVideo(writer)
  const [parent] = comments
  const target = { kind: 'comment', id: parent?.id ?? 0 } as const
  const reply = await parts.comments.create(commentBy(viewerId, { target, text: 'y' }, `${++lastId}`))
  await parts.likes.like(userWithId(viewerId), { kind: 'comment', id: reply.id })
  await hearCounters({ id: reply.id, version: 1, likes: 1, comments: 0 })
  const page = (await parts.comments.replies({ commentId: target.id, offset: 0, limit: 10, viewerId })).read()
  const expected: ListedComment = { ...reply, counters: { likes: 1, comments: 0 }, isLiked: true }
  expect(page.items).toEqual([expected])
  expect(page.authors.map(({ id }) => id)).toEqual([viewerId])
})

test('while the user service is away a page has all comments, and the authors that are known', async () => {
  const [known, unknown] = [newUserId(), newUserId()]
  await (await newVideo(known)).list()
  const { list } = await newVideo(known, unknown)
  parts.user.isAway = true
  const page = await list().finally(() => (parts.user.isAway = false))
  expect(page.items).toHaveLength(2)
  expect(page.authors.map(({ id }) => id)).toEqual([known])
  expect((await list()).authors.map(({ id }) => id)).toEqual([unknown, known])
})

test('a list that is too long for one answer goes on with its cursor, and loses nothing', async () => {
  const { target, list } = await newVideo()
  await newVideo()
  const writer = newUserId()
  const text = '字'.repeat(1_000)
  await parts.query(
    'insert into @.comment (id, kind, content_id, author_id, parent_id, user_id, text, deleted_at) values ?',
    [
      Array.from({ length: 900 }, (_, index) => [
        target.id * 10_000 + index,
        'video',
        target.id,
        1,
        0,
        writer,
        text,
        null,
      ]),
    ],
  )
  const sizes: number[] = []
  const seen = new Set<number>()
  for (let cursor: string | undefined; ; ) {
    const page = await list({ limit: 2_000, ...(cursor && { cursor }) })
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(3_500_000)
    sizes.push(page.items.length)
    for (const { id } of page.items) seen.add(id)
    if (page.nextCursor === null) break
    cursor = page.nextCursor
  }
  expect(seen.size).toBe(900)
  expect(sizes).toHaveLength(2)
})
