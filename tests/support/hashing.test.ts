import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ServiceError, toProblem } from '@fanone/service-kit'
import { expect, test } from 'vitest'
import { untilHashed } from './hashing.ts'
import { root } from './stack.ts'

const refusals = [
  ['the user service', 'services/user/src/password/hash-queue.ts'],
  ['the gateway', 'services/gateway/src/limits/hash-bound.ts'],
]

test.each(refusals)('who is told by %s to come back comes back', async (_who, file) => {
  const [, detail = ''] = /detail: '(.*people.*)'/.exec(await readFile(join(root, file), 'utf8')) ?? []
  const refusal = JSON.stringify(toProblem(new ServiceError('too_many_requests', { detail })))
  const answers = [refusal, refusal, '{}']
  expect(await untilHashed(async () => ({ text: answers.shift() ?? '' }))).toEqual({ text: '{}' })
  expect(answers).toEqual([])
})

test('whoever is refused for another reason is told so', async () => {
  const refusal = JSON.stringify(toProblem(new ServiceError('too_many_requests')))
  expect(await untilHashed(async () => ({ text: refusal }))).toEqual({ text: refusal })
})
