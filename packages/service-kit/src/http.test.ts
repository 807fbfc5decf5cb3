import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { operation } from '@fanone/contracts'
import { implement } from '@orpc/server'
import express from 'express'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { ServiceError } from './errors.ts'
import { errorHandler, mountRouter, notFoundHandler, REFUSED_HEADER, sendRefusal } from './http.ts'

const log = pino({ level: 'silent' })
const contract = {
  things: {
    get: operation('things.get', {
      idempotency: 'safe',
      input: z.object({ id: z.int().positive() }),
      output: z.object({ id: z.int() }),
    }),
  },
}
const router = implement(contract).router({
  things: {
    get: implement(contract).things.get.handler(({ input }) => {
      if (input.id === 404) throw new ServiceError('not_found', { detail: 'no thing 404' })
      if (input.id === 500) throw new Error('secret detail')
      return { id: input.id }
    }),
  },
})

let server: Server
let url: string
beforeAll(async () => {
  const app = express().use(express.json({ limit: '1kb' }), mountRouter(router, { log, createContext: () => ({}) }))
  server = app.use(notFoundHandler, errorHandler(log)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

async function post(path: string, body: string) {
  const response = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return { status: response.status, type: response.headers.get('content-type'), body: await response.json() }
}

test('input that fits reaches the handler and its output is answered', async () => {
  expect(await post('/internal/things.get', '{"id":7}')).toMatchObject({ status: 200, body: { id: 7 } })
})

test('input that does not fit is refused with every field that is wrong', async () => {
  const answer = await post('/internal/things.get', '{"id":"seven"}')
  expect(answer).toMatchObject({ status: 400, type: expect.stringContaining('application/problem+json') })
  expect(answer.body).toMatchObject({ code: 'invalid_input', issues: [{ path: 'id' }] })
})

test('an error with a code is answered as problem details', async () => {
  expect((await post('/internal/things.get', '{"id":404}')).body).toMatchObject({
    code: 'not_found',
    detail: 'no thing 404',
    status: 404,
  })
})

test('an unforeseen error tells nothing but that it happened', async () => {
  const answer = await post('/internal/things.get', '{"id":500}')
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } })
  expect(JSON.stringify(answer.body)).not.toContain('secret')
})

test.each([
  ['broken JSON', '/internal/things.get', '{"id":', 400, 'malformed_json'],
  [
    'a body that is too large',
    '/internal/things.get',
    JSON.stringify({ id: 1, pad: 'x'.repeat(2_000) }),
    413,
    'body_too_large',
  ],
  ['a path nobody serves', '/internal/things.lose', '{}', 404, 'not_found'],
])('%s is answered with problem details', async (_name, path, body, status, code) => {
  expect(await post(path, body)).toMatchObject({ status, body: { code } })
})

test('what an operation refuses goes inside a 200, so that no circuit breaker counts it', async () => {
  const app = express().use(
    express.json(),
    mountRouter(router, { log, createContext: () => ({}), sendError: sendRefusal }),
  )
  const internal = app.listen(0, '127.0.0.1')
  await once(internal, 'listening')
  const call = async (id: number) => {
    const address = `http://127.0.0.1:${(internal.address() as AddressInfo).port}/internal/things.get`
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify({ id }) })
    return { status: response.status, refused: response.headers.get(REFUSED_HEADER), body: await response.json() }
  }
  expect(await call(404)).toMatchObject({ status: 200, refused: '404', body: { code: 'not_found', status: 404 } })
  expect(await call(-1)).toMatchObject({ status: 200, refused: '400', body: { code: 'invalid_input' } })
  expect(await call(500)).toMatchObject({ status: 500, refused: null })
  internal.close()
})

test.for([
  '/internal/other.thing/../things.get',
  '/internal/other.thing/%2e%2e/things.get',
  '/internal/other.thing/%2E./things.get',
  '/internal/./things.get',
  '/internal/%2e/things.get',
  '/internal\\things.get',
  '/internal/other.thing\\..\\things.get',
  '/internal/things.get/.',
])('a path that leads somewhere else than it says leads nowhere: %s', async (path) => {
  // Not by `fetch`, which would straighten it.
  const sent = httpRequest(url, { method: 'POST', path, headers: { 'content-type': 'application/json' } })
  sent.end('{"id":7}')
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  answer.resume()
  expect(answer.statusCode).toBe(404)
})
