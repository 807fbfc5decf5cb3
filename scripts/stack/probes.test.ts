import { createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { probeKafka, probeMysql, probeRedis } from './probes.ts'

const sockets: Socket[] = []
/** Takes connections and never answers, like a process that was frozen. */
const silent: Server = createServer((socket) => sockets.push(socket.resume()))
let port = 0

beforeAll(async () => {
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening))
  port = (silent.address() as { port: number }).port
})
afterAll(() => {
  for (const socket of sockets) socket.destroy()
  silent.close()
})

it.for([
  ['Kafka', probeKafka],
  ['Redis', (on: number) => probeRedis(on, 'password')],
  ['MySQL', (on: number) => probeMysql(on, 'password')],
] as const)(
  '%s that takes connections and does not answer is not healthy, and the probe leaves no connection',
  async ([, probe]) => {
    const connectionsBefore = sockets.length
    await expect(probe(port)).rejects.toThrow()
    const opened = sockets.slice(connectionsBefore)
    expect(opened.length).toBeGreaterThan(0)
    await expect.poll(() => opened.every((socket) => socket.closed), { timeout: 20_000 }).toBe(true)
  },
)
