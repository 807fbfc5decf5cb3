import { once } from 'node:events'
import { Agent, createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import express from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { jsonBody } from './bodies.ts'

const sockets: Socket[] = []
let server: Server

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

/** A server that refuses what is too long before it has read it. */
async function startServer(): Promise<void> {
  const app = express()
  app.post('/', jsonBody())
  app.use((error: { status: number }, _request: unknown, response: express.Response, _next: unknown) => {
    response.status(error.status).json({ refused: true })
  })
  server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
}

/** A client that sends a body far above the limit and reads nothing until it is told to. */
async function sendLongBody(headers: string): Promise<{ socket: Socket; finished: Promise<unknown> }> {
  await startServer()
  const finished = once(server, 'request').then(([, response]) => once(response, 'finish'))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined)
  socket.pause()
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`)
  return { socket, finished }
}

describe('an answer before the body was read', () => {
  it.each([
    ['a connection that stays', 'Content-Length: 90000000'],
    ['a connection that closes', 'Connection: close\r\nContent-Length: 90000000'],
    ['a body of unknown length', 'Connection: close\r\nTransfer-Encoding: chunked'],
  ])('reaches a client that is still sending: %s', async (_what, headers) => {
    const { socket, finished } = await sendLongBody(headers)
    const isChunked = headers.includes('chunked')
    const mebibyte = Buffer.alloc(1024 ** 2, ' ')
    const write = () => {
      const part = isChunked ? Buffer.concat([Buffer.from('100000\r\n'), mebibyte, Buffer.from('\r\n')]) : mebibyte
      return new Promise<void>((resolve, reject) => socket.write(part, (error) => (error ? reject(error) : resolve())))
    }
    if (isChunked) await write()
    await finished
    for (let sent = 0; sent < 8; sent++) await write()
    socket.resume()
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 [\s\S]*"refused":true/)
  })
})

it('a connection that stays has nothing of the bodies that were refused on it', async () => {
  await startServer()
  const served: Socket[] = []
  server.on('connection', (socket) => served.push(socket))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const headers = { 'content-type': 'application/json' }
  const refuse = async () => {
    const request = httpRequest({ port: (server.address() as AddressInfo).port, method: 'POST', agent, headers })
    request.end(Buffer.alloc(3 * 1024 ** 2, ' '))
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(413)
    await response.resume().toArray()
  }
  await refuse()
  const [socket] = served as [Socket]
  const before = socket.listenerCount('close')
  for (let more = 0; more < 12; more++) await refuse()
  expect(served).toHaveLength(1)
  expect(socket.listenerCount('close')).toBe(before)
  agent.destroy()
})
