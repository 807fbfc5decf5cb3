import { composeId } from '@fanone/contracts'
import { expect, it } from 'vitest'
import { toComment } from './comment.repository.ts'

const timeMs = Date.UTC(2026, 10, 21, 12, 34, 56, 789)
const row = {
  id: composeId({ timeMs, worker: 3, sequence: 5 }),
  kind: 'video' as const,
  contentId: 11,
  authorId: 12,
  parentId: 0,
  userId: 13,
  text: 'text',
}

it('a comment was written at the time in its id', () => {
  expect(toComment(row).createdAt).toBe('2026-11-21T12:34:56.789Z')
})

it('a comment on the content itself has no parent, a reply has', () => {
  expect(toComment(row).parentId).toBeNull()
  expect(toComment({ ...row, parentId: 14 }).parentId).toBe(14)
})

it('callers do not learn who wrote the content', () => {
  expect(Object.keys(toComment(row)).sort()).toEqual(
    ['contentId', 'createdAt', 'id', 'kind', 'parentId', 'text', 'userId'].sort(),
  )
})
