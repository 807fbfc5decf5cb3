import { expect, test } from 'vitest'
import { CounterChanges } from '../counter/changes.ts'
import { type Comparison, confirmDrift, differingIn, driftBetween, expectedOf, type Stored } from './compare.ts'

const at = '2026-11-21T12:00:00.000Z'
const video = (id: number) => ({ kind: 'video' as const, contentId: id, authorId: 1, userId: 2, at })

/** A look at a service where user 2 likes these videos of user 1, and at what is stored. */
function look(liked: number[], stored: Record<string, Partial<Stored>>, publicIds = liked): Comparison {
  const counts = new CounterChanges()
  for (const id of publicIds) counts.addVideo({ videoId: id, authorId: 1 }, 1)
  for (const id of liked) counts.addLike(video(id), 1)
  const rows = new Map(
    Object.entries(stored).map(([subject, one]) => [subject, { version: 1, counts: [], isDeleted: false, ...one }]),
  )
  return { stored: rows, expected: expectedOf({ counts, videoIds: new Set(publicIds) }, rows) }
}
const right = {
  'video:10': { counts: [1, 0, 0] },
  'user:1': { counts: [1, 1, 0, 0, 0] },
  'user:2': { counts: [0, 0, 1, 0, 0] },
}

test('what is stored as it is counted is right', () => {
  expect([...differingIn(look([10], right))]).toEqual([])
})

test('what is off at both looks, while nothing happened, has drifted, by as much as is said', () => {
  const off = { ...right, 'video:10': { counts: [4, 0, 0] } }
  const [first, second] = [look([10], off), look([10], off)]
  expect(confirmDrift(first, second, differingIn(first))).toEqual({ drifted: ['video:10'], unsettled: [] })
  expect(driftBetween(second, ['video:10'])).toMatchObject({
    likes: { subjects: 1, sum: 3 },
    comments: { subjects: 0, sum: 0 },
  })
})

test('a counter that is missing, and one that nobody counts, have drifted', () => {
  const { 'video:10': _, ...off } = right
  const first = look([10], { ...off, 'user:9': { counts: [0, 0, 0, 0, 2] } })
  expect([...differingIn(first)].toSorted()).toEqual(['user:9', 'video:10'])
})

test('what an event put right meanwhile has not drifted', () => {
  const first = look([10], { ...right, 'video:10': { counts: [0, 0, 0] } })
  const second = look([10], { ...right, 'video:10': { counts: [1, 0, 0], version: 2 } })
  expect(confirmDrift(first, second, differingIn(first))).toEqual({ drifted: [], unsettled: [] })
})

test('what is off but was counted meanwhile, here or there, is not judged', () => {
  const off = { ...right, 'video:10': { counts: [7, 0, 0] } }
  const first = look([10], off)
  const counted = look([10], { ...off, 'video:10': { counts: [8, 0, 0], version: 2 } })
  expect(confirmDrift(first, counted, differingIn(first))).toEqual({ drifted: [], unsettled: ['video:10'] })
  const changed = look([], off, [10])
  expect(confirmDrift(first, changed, ['video:10'])).toEqual({ drifted: [], unsettled: ['video:10'] })
})

test('a video that is gone is deleted, and its visits stay what they are', () => {
  const stored = { 'video:11': { counts: [0, 0, 5] }, 'user:1': { counts: [0, 0, 0, 0, 0] } }
  const first = look([], stored, [])
  expect([...differingIn(first)]).toEqual(['video:11'])
  expect(first.expected.get('video:11')).toEqual({ counts: [0, 0, 5], isDeleted: true })
  expect(driftBetween(first, ['video:11'])).toMatchObject({ deleted: { subjects: 1, sum: 1 }, visits: { sum: 0 } })
})
