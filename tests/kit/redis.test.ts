import { once } from 'node:events'
import { createServer } from 'node:net'
import { connectRedis } from '@fanone/service-kit'
import { expect, test } from 'vitest'
import { firstConnection } from '../../packages/service-kit/src/redis.ts'
import { freePort } from '../support/beside.ts'
import { silentLog } from '../support/scratch-database.ts'
import { port, secrets } from '../support/stack.ts'

const connect = (at: number, password = '') => connectRedis({ address: `127.0.0.1:${at}`, password, log: silentLog })

test('a service that begins to serve has its connection to Redis', async () => {
  const redis = connect(port(7002), (await secrets())['redis-password'])
  await firstConnection(redis)
  // Without the wait this fails at once, and a limit counts elsewhere.
  expect(await redis.ping()).toBe('PONG')
  redis.disconnect()
})

test('a Redis that is away or silent does not keep a service from serving', async () => {
  const refusing = connect(await freePort())
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const waiting = connect((silent.address() as { port: number }).port)
  await Promise.all([refusing, waiting].map(firstConnection))
  expect([refusing.status, waiting.status]).not.toContain('ready')
  for (const redis of [refusing, waiting]) redis.disconnect()
  silent.close()
})
