import type { ContentKind } from '@fanone/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CounterChanges, HOUR_MS } from './changes.ts'

const at = '2026-11-21T12:34:56.000Z'
const like = (userId: number, contentId: number, kind: ContentKind = 'video') => ({
  kind,
  contentId,
  authorId: 1,
  userId,
  at,
})
const comment = (commentId: number, parentId: number | null) => {
  return { commentId, parentId, kind: 'video' as const, contentId: 10, authorId: 1, userId: 2, at }
}

test('a like counts for the content, for its author and for who likes', () => {
  const changes = new CounterChanges()
  changes.addLike(like(2, 10), 1)
  expect(changes.contents()).toMatchObject([{ kind: 'video', id: 10, likes: 1, comments: 0, visits: 0 }])
  expect(changes.users()).toMatchObject([
    { id: 1, likesReceived: 1, likesGiven: 0 },
    { id: 2, likesReceived: 0, likesGiven: 1 },
  ])
})

test('who likes the own work has given and received a like', () => {
  const changes = new CounterChanges()
  changes.addLike(like(1, 10), 1)
  expect(changes.users()).toMatchObject([{ id: 1, likesReceived: 1, likesGiven: 1 }])
})

test('the like of a comment counts for the comment only', () => {
  const changes = new CounterChanges()
  changes.addLike(like(2, 10, 'comment'), 1)
  expect(changes.contents()).toMatchObject([{ kind: 'comment', id: 10, likes: 1 }])
  expect(changes.users()).toEqual([])
})

test('a reply counts for the comment it replies to and not for the video', () => {
  const changes = new CounterChanges()
  changes.addComment(comment(20, null), 1)
  changes.addComment(comment(21, 20), 1)
  changes.addComment(comment(22, 20), 1)
  changes.addComment(comment(22, 20), -1)
  expect(changes.contents()).toMatchObject([
    { kind: 'comment', id: 20, comments: 1 },
    { kind: 'video', id: 10, comments: 1 },
  ])
})

test('visits count for their hour, also at its edges', () => {
  const changes = new CounterChanges()
  const visit = (time: string) => changes.addVisit({ kind: 'video', contentId: 10, authorId: 1, at: time })
  for (const time of ['2026-11-21T12:59:59.999Z', '2026-11-21T13:00:00.000Z', '2026-11-21T13:59:59.999Z']) visit(time)
  const hour = Date.UTC(2026, 10, 21, 12) / HOUR_MS
  expect(changes.visits()).toEqual([
    { hour, videoId: 10, visits: 1 },
    { hour: hour + 1, videoId: 10, visits: 2 },
  ])
  expect(changes.contents()).toMatchObject([{ visits: 3 }])
})

test('a video is a work of its author until it is deleted', () => {
  const changes = new CounterChanges()
  changes.addVideo({ videoId: 10, authorId: 1 }, 1)
  changes.addVideo({ videoId: 11, authorId: 1 }, 1)
  changes.addVideo({ videoId: 11, authorId: 1 }, -1)
  expect(changes.users()).toMatchObject([{ id: 1, works: 1 }])
  expect(changes.contents()).toMatchObject([{ id: 11, isDeleted: true }])
})

test('a follow counts for both sides', () => {
  const changes = new CounterChanges()
  changes.addFollow({ followerId: 1, followeeId: 2, version: 1, at }, 1)
  expect(changes.users()).toMatchObject([
    { id: 1, following: 1, followers: 0 },
    { id: 2, following: 0, followers: 1 },
  ])
})

type Step = readonly [user: number, content: number, sign: 1 | -1]
const step = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.constantFrom<1 | -1>(1, -1))
/** Likes and what undoes them, mixed. */
const undoneLikes = fc.array(step).chain((likes) => {
  const undone = likes.map(([user, content, sign]): Step => [user, content, sign === 1 ? -1 : 1])
  return fc.shuffledSubarray<Step>([...likes, ...undone], { minLength: 2 * likes.length })
})

test('events that undo each other change nothing, in whatever order they come', () => {
  fc.assert(
    fc.property(undoneLikes, (likes) => {
      const changes = new CounterChanges()
      for (const [userId, contentId, sign] of likes) changes.addLike(like(userId, contentId), sign)
      expect([changes.contents(), changes.users()]).toEqual([[], []])
    }),
  )
})

test('rows are touched in the order of their keys, whatever the order of the events', () => {
  const changes = new CounterChanges()
  for (const id of [12, 3, 7]) changes.addLike(like(id + 100, id), 1)
  changes.addLike(like(5, 4, 'comment'), 1)
  expect(changes.contents().map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    'comment 4',
    'video 3',
    'video 7',
    'video 12',
  ])
  const users = changes.users().map(({ id }) => id)
  expect(users).toEqual(users.toSorted((a, b) => a - b))
})
