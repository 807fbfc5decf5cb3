import { expect, test } from 'vitest'
import { minScore } from './parameters.ts'

test.each([
  ['0.5', 0.5],
  ['1', 1],
  ['-1', -1],
  ['1.5686218151078542e-239', 1.5686218151078542e-239],
  ['5E-1', 0.5],
])('%s is a score, as any number that JSON can say', (text, score) => {
  expect(minScore.parse(text)).toBe(score)
})

test.each(['', '.5', '0x1', '2', '1e9', 'NaN', ' 1'])('"%s" is none', (text) => {
  expect(minScore.safeParse(text).success).toBe(false)
})
