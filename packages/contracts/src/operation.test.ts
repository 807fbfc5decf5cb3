import { expect, test } from 'vitest'
import { z } from 'zod'
import { operation, timeoutOf } from './operation.ts'
import { videoContract } from './video.ts'

test.each([
  ['safe', 3_000],
  ['natural', 6_000],
  ['keyed', 6_000],
] as const)('a caller waits for a %s operation %i ms unless it says otherwise', (idempotency, timeoutMs) => {
  const noun = { verb: operation('noun.verb', { idempotency, input: z.object({}), output: z.object({}) }) }
  expect(timeoutOf({ noun }, ['noun', 'verb'])).toBe(timeoutMs)
})

test('an operation can have a deadline of its own', () => {
  expect(timeoutOf(videoContract, ['videos', 'publish'])).toBe(120_000)
})

test.each([[['videos']], [['videos', 'nothing']], [['nobody', 'nothing']]])('%j has no deadline', (path) => {
  expect(() => timeoutOf(videoContract, path)).toThrow('is no operation')
})
