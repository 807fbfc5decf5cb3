import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SidecarError } from './sidecar-error.ts'
import { DeadlineTransport } from './transport.ts'

let answer: (request: IncomingMessage, response: ServerResponse) => unknown
let transport: DeadlineTransport
const server = createServer((request, response) => answer(request, response))

beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  transport = new DeadlineTransport({ port: (server.address() as AddressInfo).port, apiToken: 'token' })
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

const json = (response: ServerResponse) => response.setHeader('content-type', 'application/json')
const failure = (work: Promise<unknown>) => work.then(String, (error: unknown) => error)

test.each([
  ['an object as JSON', { a: 1 }, {}, '{"a":1}', 'application/json'],
  ['prepared JSON as it is', '[1]', { 'Content-Type': 'application/json' }, '[1]', 'application/json'],
  ['text as it is', 'text "quoted"', {}, 'text "quoted"', 'text/plain'],
])('sends %s, with the token', async (_what, body, headers, expected, contentType) => {
  let sent: { headers: IncomingMessage['headers']; body: string } | undefined
  answer = async (request, response) => {
    sent = { headers: request.headers, body: await text(request) }
    response.writeHead(204).end()
  }
  expect(await transport.execute('/publish/x', { method: 'post', body, headers })).toBe('')
  expect(sent).toMatchObject({
    headers: { 'content-type': contentType, 'dapr-api-token': 'token' },
    body: expected,
  })
})

test('JSON is parsed, other text stays', async () => {
  answer = (request, response) => (request.url === '/v1.0/json' ? json(response).end('[1]') : response.end('[1]'))
  expect(await transport.execute('/json', null)).toEqual([1])
  expect(await transport.execute('/text')).toBe('[1]')
})

test.each([300, 404, 500])('%i is an error with its status', async (status) => {
  answer = (_request, response) => response.writeHead(status).end('why')
  const error = await failure(transport.execute('/x'))
  expect(error).toBeInstanceOf(SidecarError)
  expect(error).toMatchObject({ status, isTimeout: false, message: expect.stringContaining('why') })
})

test.each([
  ['no answer', () => {}],
  ['no end of it', (response: ServerResponse) => response.setHeader('content-length', 9).write('12345')],
])('%s before the deadline is a timeout', async (_what, begin) => {
  answer = (_request, response) => begin(response)
  const error = await failure(transport.request({ method: 'GET', path: '/x', timeoutMs: 100 }))
  expect(error).toMatchObject({ name: 'SidecarError', status: undefined, isTimeout: true })
})

test.each([
  ['the connection ends', (response: ServerResponse) => response.destroy()],
  ['it ends in the middle of a body', (response: ServerResponse) => response.write('12345', () => response.destroy())],
  ['JSON is cut', (response: ServerResponse) => json(response).end('{"a":')],
  ['JSON is empty', (response: ServerResponse) => json(response).end()],
])('it is an error, and no timeout, when %s', async (_what, end) => {
  answer = (_request, response) => end(response)
  expect(await failure(transport.execute('/x'))).toMatchObject({ name: 'SidecarError', isTimeout: false })
})

test('a caller that leaves ends its request, also in the middle of the answer', async () => {
  for (const begin of [() => {}, (response: ServerResponse) => response.write('12345')]) {
    const leaving = new AbortController()
    const left = new Promise((resolve) => {
      answer = (request, response) => {
        request.socket.once('close', resolve)
        begin(response)
        setImmediate(() => leaving.abort())
      }
    })
    const error = await failure(transport.request({ method: 'GET', path: '/x', signal: leaving.signal }))
    expect(error).toMatchObject({ name: 'SidecarError', isTimeout: false })
    await left
  }
})
