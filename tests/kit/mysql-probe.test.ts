import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { probeMysql } from '../../scripts/stack/probes.ts'
import { port, secrets } from '../support/stack.ts'

/** COM_QUIT of MySQL's protocol: a packet of one byte, 1. */
const goodbye = '0100000001'

test('the probe says goodbye, or MySQL would log a warning every two seconds', async () => {
  let sent = ''
  const listener = createServer((client) => {
    const server = connect(port(7001), '127.0.0.1')
    client.on('data', (bytes) => {
      sent += bytes.toString('hex')
    })
    client.pipe(server).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  await probeMysql((listener.address() as AddressInfo).port, String((await secrets())['mysql-password-root']))
  await expect.poll(() => sent.endsWith(goodbye)).toBe(true)
  listener.close()
})
