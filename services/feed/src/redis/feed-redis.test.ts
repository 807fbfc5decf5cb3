import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { AuthorRepository } from '../author/author.repository.ts'
import { exampleEvent } from '../testing/examples.ts'
import { silentLog, startRedis, type TestRedis } from '../testing/redis.ts'
import { TimelineRepository } from '../timeline/timeline.repository.ts'
import { connectFeedRedis, type FeedRedis, keys, waitForRedis } from './feed-redis.ts'

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

test('Redis names the scripts that take too long, if it is told to, and they answer as ever', async () => {
  const author = { id: 7, username: 'u', name: 'n', avatarKey: null }
  const [strict, lenient] = [0.001, 10_000].map((scriptLimitMs) =>
    connectFeedRedis({ address: server.address, log: silentLog, scriptLimitMs }),
  ) as [FeedRedis, FeedRedis]
  await Promise.all([strict, lenient].map((redis) => waitForRedis(redis, 2_000)))
  expect(await new AuthorRepository(strict).applyOnce(exampleEvent(), author, 1)).toBe(true)
  await lenient.mergeCounters(keys.counters, 7, 1, '{}')
  await vi.waitFor(() => expect(server.log()).toMatch(/script putAuthor took [\d.]+ ms of CPU/))
  expect(server.log()).not.toContain('mergeCounters')
  expect(await new AuthorRepository(server.redis).records([7])).toEqual([`1:${JSON.stringify(author)}`])
  for (const redis of [strict, lenient]) redis.disconnect()
})

test('a wrong type in Redis is a fault, not an outage', async () => {
  await server.redis.lpush('feed:newest', 'x')
  await expect(new TimelineRepository(server.redis).count()).rejects.toMatchObject({ name: 'ReplyError' })
})
