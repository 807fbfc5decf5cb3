import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { answerUnreadable } from './unreadable-requests.ts'

const MEBIBYTE = Buffer.alloc(1024 ** 2, 'x')
const sockets: Socket[] = []
let server: Server

afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

/** A client that reads nothing until it is told to. */
async function openClient(): Promise<Socket> {
  server = createServer((_request, response) => void response.end('answer'))
  server.on('clientError', answerUnreadable).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause()
  sockets.push(socket.on('error', () => undefined))
  return socket
}

const send = (socket: Socket, bytes: Buffer | string) =>
  new Promise<void>((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())))

async function received(socket: Socket): Promise<string> {
  return Buffer.concat(await socket.toArray()).toString()
}

describe('what cannot be read as a request', () => {
  it.each([
    ['headers that are too long', `GET /${'x'.repeat(20_000)}`, '431 Request Header Fields Too Large'],
    ['no HTTP', 'what is this\r\n\r\n', '400 Bad Request'],
  ])('is answered though the client is still sending: %s', async (_what, start, status) => {
    const socket = await openClient()
    const refused = once(server, 'clientError')
    await send(socket, start)
    await refused
    for (let sent = 0; sent < 8; sent++) await send(socket, MEBIBYTE)
    expect(await received(socket.resume())).toMatch(new RegExp(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n$`))
  })

  it('is answered once, whatever follows', async () => {
    const socket = await openClient()
    await send(socket, 'what\r\n\r\nis\r\n\r\n')
    await send(socket, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await received(socket.resume())).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  })
})
