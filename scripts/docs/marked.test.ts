import { expect, test } from 'vitest'
import { replaceMarked } from './marked.ts'

test('a report takes the place of the one before, and of nothing else', () => {
  const page = (report: string) =>
    `before\n<!-- begin: written by npm run it -->${report}<!-- end: written by npm run it -->\nafter\n`
  expect(replaceMarked(page('old'), 'npm run it', 'new')).toBe(page('\n\nnew\n'))
  expect(() => replaceMarked(page('old'), 'npm run else', 'new')).toThrow('marks')
})
