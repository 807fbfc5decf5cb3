import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentLog, startRedis, type TestRedis } from '../testing/redis.ts'
import { TimelineRepository } from '../timeline/timeline.repository.ts'
import { connectFeedRedis, waitForRedis } from './feed-redis.ts'

const newest = { order: 'newestFirst', from: '+inf', to: '-inf', limit: 1 } as const
let server: TestRedis

beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())

test('without Redis the answer is unavailable, at once', async () => {
  const redis = connectFeedRedis({ address: '/nowhere/redis.sock', log: silentLog })
  await waitForRedis(redis, 50)
  const startedAtMs = Date.now()
  await expect(new TimelineRepository(redis).readPage(newest)).rejects.toMatchObject({ code: 'unavailable' })
  expect(Date.now() - startedAtMs).toBeLessThan(500)
  redis.disconnect()
})

test('a Redis that hangs is unavailable within about a second, and answers again afterwards', async () => {
  const timelines = new TimelineRepository(server.redis)
  process.kill(server.pid, 'SIGSTOP')
  const startedAtMs = Date.now()
  await expect(timelines.readPage(newest)).rejects.toMatchObject({ code: 'unavailable' })
  expect(Date.now() - startedAtMs).toBeLessThan(2_000)
  process.kill(server.pid, 'SIGCONT')
  await delay(300)
  expect(await timelines.readPage(newest)).toBeUndefined()
})

test('a wrong type in Redis is a fault, not an outage', async () => {
  await server.redis.lpush('feed:newest', 'x')
  await expect(new TimelineRepository(server.redis).count()).rejects.toMatchObject({ name: 'ReplyError' })
})
