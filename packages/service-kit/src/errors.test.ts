import { expect, test } from 'vitest'
import { fromProblem, ServiceError, toProblem, toServiceError } from './errors.ts'

test('an unknown error keeps its message to itself', () => {
  const problem = toProblem(toServiceError(new Error('password=hunter2')))
  expect(problem).toMatchObject({ status: 500, code: 'internal' })
  expect(JSON.stringify(problem)).not.toContain('hunter2')
})

test('an error passes from service to service with its code and detail', () => {
  const error = new ServiceError('not_a_video', { detail: 'no video stream' })
  const received = fromProblem(toProblem(error))
  expect(received).toMatchObject({ code: 'not_a_video', status: 422, detail: 'no video stream' })
})

test('a code that is not in the catalogue is not believed', () => {
  expect(fromProblem({ code: 'make_me_admin' })).toBeUndefined()
  expect(fromProblem({ code: 'constructor' })).toBeUndefined()
})

test.each([
  [413, 'entity.too.large', 'body_too_large'],
  [400, 'entity.parse.failed', 'malformed_json'],
  [415, 'encoding.unsupported', 'unsupported_media_type'],
])('a body that Express refuses with %i %s becomes %s', (status, type, code) => {
  expect(toServiceError(Object.assign(new Error('refused'), { status, type })).code).toBe(code)
})
