import { once } from 'node:events'
import { createServer } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { expect, test } from 'vitest'
import { readRecords } from '../../scripts/stack/processes.ts'
import { readSettings, stackPaths } from '../../scripts/stack/settings.ts'
import { services } from '../support/services.ts'
import { listeningSockets } from '../support/sockets.ts'
import { home, parts } from '../support/stack.ts'

const loopback = /^127\./

test('every socket that a process of the stack listens on is on loopback', async () => {
  for (const { part, pid, ports } of await parts()) {
    const sockets = listeningSockets(pid as number)
    // What a part says it listens on is there, so the look did not miss it.
    expect(
      sockets.map((socket) => socket.port),
      part,
    ).toEqual(expect.arrayContaining(Object.values(ports)))
    expect(
      sockets.filter(({ address }) => !loopback.test(address)),
      part,
    ).toEqual([])
  }
})

test('the supervisor listens on no port at all', () => {
  const records = readRecords(stackPaths({ ...readSettings(), home }).processes)
  const supervisor = records.find(({ part }) => part === 'supervisor')
  expect(listeningSockets(supervisor?.pid as number)).toEqual([])
})

test('a socket on every interface would be seen', async () => {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const addresses = listeningSockets(process.pid).map(({ address }) => address)
  server.close()
  expect(addresses.some((address) => !loopback.test(address))).toBe(true)
})

test.for(services)('the sidecar of $appId takes calls from sidecars with a certificate only', async ({ ports }) => {
  const socket = connectTls({
    host: '127.0.0.1',
    port: ports.internalGrpc,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  })
  socket.on('secureConnect', () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'))
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')
})
