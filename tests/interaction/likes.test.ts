import { randomUUID } from 'node:crypto'
import type { ContentRef } from '@fanone/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LikeCall } from '../../services/interaction/src/like/like.changes.ts'
import { countStatements } from '../support/statements.ts'
import { delivery, type InteractionParts, interactionParts, userWithId } from './interaction-parts.ts'

let parts: InteractionParts
beforeAll(async () => {
  parts = await interactionParts()
})
afterAll(() => parts.close())

let lastId = 1_000
/** A video of author 1 that the video service knows. */
function newVideo() {
  const id = ++lastId
  parts.catalogue.set(id, { id, authorId: 1 })
  return { kind: 'video', id } as const
}
const topicsOf = async (id: number) => (await parts.eventsOf(id)).map(({ topic }) => topic)
const rowsOf = (id: number) =>
  parts.query<{ user_id: number; liked_id: number | null }>(
    'select user_id, liked_id from @.content_like where content_id = ?',
    [id],
  )

test('a like commits one row and one event that says who liked what of whom', async () => {
  const target = newVideo()
  expect(await parts.likes.like(userWithId(7), target)).toEqual({ changed: true })
  expect(await rowsOf(target.id)).toHaveLength(1)
  expect(await parts.eventsOf(target.id)).toEqual([
    {
      topic: 'content.liked',
      data: { kind: 'video', contentId: target.id, authorId: 1, userId: 7, at: expect.any(String) },
    },
  ])
})

test('a repeated like changes nothing, nor does a repeated end; a new like revives the row', async () => {
  const target = newVideo()
  const user = userWithId(7)
  const changes = []
  for (const step of ['like', 'like', 'unlike', 'unlike', 'like'] as const)
    changes.push((await parts.likes[step](user, target)).changed)
  expect(changes).toEqual([true, false, true, false, true])
  expect(await rowsOf(target.id)).toHaveLength(1)
  expect(await topicsOf(target.id)).toEqual(['content.liked', 'content.unliked', 'content.liked'])
})

test('a repeat is answered like the first call and changes nothing, also at the same time and on another instance', async () => {
  const target = newVideo()
  const user = userWithId(7)
  const other = await parts.instance()
  for (const step of ['like', 'unlike', 'like', 'unlike', 'like'] as const) {
    const key = randomUUID()
    const instances = [parts, other, parts, other, parts, other]
    const answers = await Promise.all(instances.map(({ likes }) => likes[step](user, target, key)))
    expect(answers).toEqual(instances.map(() => ({ changed: true })))
  }
  expect(await rowsOf(target.id)).toEqual([{ user_id: 7, liked_id: expect.any(Number) }])
  const topics = ['content.liked', 'content.unliked']
  expect(await topicsOf(target.id)).toEqual([...topics, ...topics, 'content.liked'])
})

test('a key belongs to one operation: with the key of a like one can unlike', async () => {
  const target = newVideo()
  const key = randomUUID()
  expect(await parts.likes.like(userWithId(7), target, key)).toEqual({ changed: true })
  expect(await parts.likes.unlike(userWithId(7), target, key)).toEqual({ changed: true })
})

test('toggles of one user at the same time, on two instances, end with one row whose state is the sum of the events', async () => {
  const target = newVideo()
  const other = await parts.instance()
  const user = userWithId(7)
  const toggles = Array.from({ length: 60 }, (_, index) => {
    const { likes } = index % 2 === 0 ? parts : other
    return index % 3 === 0 ? likes.unlike(user, target) : likes.like(user, target)
  })
  const ended = await Promise.allSettled(toggles)
  const changed = ended.filter((one) => one.status === 'fulfilled' && one.value.changed)
  const rows = await rowsOf(target.id)
  const topics = await topicsOf(target.id)
  expect(rows).toHaveLength(1)
  expect(topics).toHaveLength(changed.length)
  const sum = topics.reduce((total, topic) => total + (topic === 'content.liked' ? 1 : -1), 0)
  expect(sum).toBe(rows[0]?.liked_id === null ? 0 : 1)
  // Each like is followed by its end and each end by a like: the outbox has them in the order of
  // the row.
  expect(topics.every((topic, index) => topic === (index % 2 === 0 ? 'content.liked' : 'content.unliked'))).toBe(true)
})

test('many who like the same at the same time are all counted', async () => {
  const target = newVideo()
  const users = Array.from({ length: 20 }, (_, index) => userWithId(100 + index))
  const answers = await Promise.all(users.map((user) => parts.likes.like(user, target)))
  expect(answers.every(({ changed }) => changed)).toBe(true)
  expect(await rowsOf(target.id)).toHaveLength(20)
  expect(await topicsOf(target.id)).toHaveLength(20)
})

test('what is there no more cannot be liked, in whatever order one hears of it', async () => {
  const target = newVideo()
  const facts = { videoId: target.id, authorId: 1 }
  await parts.events['video.deleted'](delivery('video.deleted', facts))
  await parts.events['video.published'](delivery('video.published', facts))
  await expect(parts.likes.like(userWithId(7), target)).rejects.toMatchObject({ code: 'video_not_found' })
  await expect(parts.likes.like(userWithId(7), { kind: 'article', id: 5 })).rejects.toMatchObject({ code: 'not_found' })
  expect(await rowsOf(target.id)).toEqual([])
})

test('a walk gives every like once, in a stable order, and none that has ended', async () => {
  const targets = [newVideo(), newVideo(), newVideo()]
  for (const target of targets) {
    for (const userId of [31, 32]) await parts.likes.like(userWithId(userId), target)
    await parts.likes.unlike(userWithId(32), target)
  }
  const walked = []
  for (let afterId = 0; ; ) {
    const { items } = await parts.likes.walk({ afterId, limit: 7 })
    if (items.length === 0) break
    walked.push(...items)
    afterId = items.at(-1)?.id ?? 0
  }
  const stored = await parts.query<{ count: number }>('select count(*) as count from @.content_like where liked_id > 0')
  expect(walked).toHaveLength(Number(stored[0]?.count))
  expect(new Set(walked.map(({ contentId, userId }) => `${contentId} ${userId}`)).size).toBe(walked.length)
  for (const { id } of targets) {
    const found = walked.filter(({ contentId }) => contentId === id)
    expect(found).toMatchObject([{ kind: 'video', authorId: 1, userId: 31 }])
  }
})

describe('likes that are committed together', () => {
  /** Of this file: the numbers in a pattern are also in what others write. */
  const count = (pattern: string, work: () => Promise<unknown>) =>
    countStatements(pattern, work, { user: parts.mysqlUser })
  const callOf = (userId: number, target: ContentRef, key?: string) =>
    parts.likes.callOf('like', userWithId(userId), target, key)
  const likeMany = (...calls: LikeCall[]) => parts.likes.service.likeMany(calls)
  const known = async () => {
    const target = newVideo()
    await parts.likes.like(userWithId(1), target)
    return target
  }
  const changed = { changed: true }
  const unchanged = { changed: false }

  test('are one transaction with an event each, told in its own trace', async () => {
    const [one, other] = [await known(), await known()]
    const within: number[] = []
    const calls = [70_007, 8, 9].flatMap((userId) => [one, other].map((target) => callOf(userId, target)))
    const told = calls.map((call, index) => ({
      ...call,
      within: <Result>(work: () => Result) => {
        within.push(index)
        return work()
      },
    }))
    const inserts = await count('insert ignore%70007%', async () => {
      expect(await likeMany(...told)).toEqual(calls.map(() => changed))
    })
    expect(inserts).toBe(1)
    expect(within).toEqual([0, 1, 2, 3, 4, 5])
    for (const { id } of [one, other]) {
      expect(await rowsOf(id)).toHaveLength(4)
      expect(await topicsOf(id)).toEqual(Array(4).fill('content.liked'))
    }
  })

  test('of one user for one video are answered in turn, a repeat like the first', async () => {
    const target = await known()
    const calls = [callOf(7, target, 'a'), callOf(7, target, 'b'), callOf(7, target, 'a'), callOf(8, target, 'a')]
    expect(await likeMany(...calls)).toEqual([changed, unchanged, changed, changed])
    expect(await topicsOf(target.id)).toHaveLength(3)
  })

  test('leave out what is not known, deleted or not there, and change the others', async () => {
    const target = await known()
    const [unheard, nowhere] = [newVideo(), { kind: 'video', id: 999_999 } as const]
    expect(await likeMany(callOf(7, unheard), callOf(7, target), callOf(7, nowhere))).toEqual([
      undefined,
      changed,
      undefined,
    ])
    expect(await rowsOf(unheard.id)).toEqual([])
  })

  test('revive, add and repeat side by side; ends likewise', async () => {
    const target = await known()
    for (const userId of [7, 8]) await parts.likes.like(userWithId(userId), target)
    await parts.likes.unlike(userWithId(7), target)
    expect(await likeMany(...[7, 8, 9].map((userId) => callOf(userId, target)))).toEqual([changed, unchanged, changed])
    const ends = [7, 8, 9, 10].map((userId) => parts.likes.callOf('unlike', userWithId(userId), target))
    expect(await parts.likes.service.unlikeMany(ends)).toEqual([changed, changed, changed, undefined])
    expect((await rowsOf(target.id)).filter(({ liked_id }) => liked_id !== null)).toMatchObject([{ user_id: 1 }])
    const topics = await topicsOf(target.id)
    expect(topics.filter((topic) => topic === 'content.liked')).toHaveLength(5)
    expect(topics.filter((topic) => topic === 'content.unliked')).toHaveLength(4)
  })

  test('of two instances that cross each other are all committed, each once', async () => {
    const targets = await Promise.all(Array.from({ length: 4 }, known))
    const other = await parts.instance()
    const callsTo = (verb: 'like' | 'unlike') =>
      targets.flatMap((target) =>
        [21, 22, 23, 24].map((userId) => parts.likes.callOf(verb, userWithId(userId), target)),
      )
    for (let round = 0; round < 5; round++) {
      const outcomes = await Promise.all([
        parts.likes.service.likeMany(callsTo('like')),
        other.likes.service.likeMany(callsTo('like').toReversed()),
      ])
      expect(outcomes.flat().filter((outcome) => outcome?.changed)).toHaveLength(16)
      const ended = await Promise.all([
        parts.likes.service.unlikeMany(callsTo('unlike').toReversed()),
        other.likes.service.unlikeMany(callsTo('unlike')),
      ])
      expect(ended.flat().filter((outcome) => outcome?.changed)).toHaveLength(16)
    }
    for (const { id } of targets) expect(await topicsOf(id)).toHaveLength(1 + 4 * 10)
  })

  test('what is liked already takes one statement', async () => {
    const target = await known()
    for (const userId of [70_008, 9]) await parts.likes.like(userWithId(userId), target)
    const again = async () =>
      expect(await likeMany(callOf(70_008, target), callOf(9, target))).toEqual([unchanged, unchanged])
    expect(await count('%70008%', again)).toBe(1)
  })

  test('a like alone is not looked for before it is inserted', async () => {
    const target = await known()
    const first = async () => expect(await likeMany(callOf(70_009, target))).toEqual([changed])
    expect(await count('select%70009%', first)).toBe(0)
    expect(await likeMany(callOf(70_009, target))).toEqual([unchanged])
    expect(await topicsOf(target.id)).toHaveLength(2)
  })
})
