import { expect, test } from 'vitest'
import { z } from 'zod'
import { metaOf, operation } from './operation.ts'
import { videoContract } from './video.ts'

test.each([
  ['safe', 3_000],
  ['natural', 6_000],
  ['keyed', 6_000],
] as const)('a caller waits for a %s operation %i ms unless it says otherwise', (idempotency, timeoutMs) => {
  const noun = { verb: operation('noun.verb', { idempotency, input: z.object({}), output: z.object({}) }) }
  expect(metaOf({ noun }, ['noun', 'verb']).timeoutMs).toBe(timeoutMs)
})

test('an operation can have a deadline of its own', () => {
  expect(metaOf(videoContract, ['videos', 'publish']).timeoutMs).toBe(120_000)
})

test.each([[['videos']], [['videos', 'nothing']], [['nobody', 'nothing']]])('%j is no operation', (path) => {
  expect(() => metaOf(videoContract, path)).toThrow('is no operation')
})

test.each([
  ['what is quick', {}, false],
  ['what may take long', { timeoutMs: 6_001 }, true],
  ['what says so', { isAlone: true }, true],
])('%s: %j shares no hop: %s', (_what, options, isAlone) => {
  const schemas = { idempotency: 'safe', input: z.object({}), output: z.object({}) } as const
  const noun = { verb: operation('noun.verb', { ...schemas, ...options }) }
  expect(metaOf({ noun }, ['noun', 'verb']).isAlone).toBe(isAlone)
})
