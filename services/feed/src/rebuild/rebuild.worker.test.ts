import { setTimeout as delay } from 'node:timers/promises'
import type { videoPublished } from '@fanone/contracts'
import type { EventHandler } from '@fanone/service-kit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { exampleEvent } from '../testing/examples.ts'
import { silentLog, startRedis, type TestRedis } from '../testing/redis.ts'
import { RebuildRepository } from './rebuild.repository.ts'
import type { RebuildService } from './rebuild.service.ts'
import { RebuildWorker } from './rebuild.worker.ts'

let server: TestRedis
let rebuilds: RebuildRepository
let worker: RebuildWorker
let rebuildCount: number

beforeEach(async () => {
  server = await startRedis()
  rebuilds = new RebuildRepository(server.redis)
  rebuildCount = 0
  const tryRebuild = async () => {
    rebuildCount++
    await rebuilds.lock('test')
    return rebuilds.finish('test', await rebuilds.redisRun())
  }
  const service = {
    tryRebuild,
    rebuildMissingSupplements: async () => {},
    stop: () => {},
  } as Partial<RebuildService> as RebuildService
  worker = new RebuildWorker({ service, rebuilds, log: silentLog })
})
afterEach(async () => {
  vi.useRealTimers()
  await worker.stop()
  await server[Symbol.asyncDispose]()
})

test('it rebuilds at start, and once for readers who find the timelines lost', async () => {
  worker.start()
  expect(await worker.whenBuilt(1_000)).toBe(true)
  expect(rebuildCount).toBe(1)
  await server.redis.flushall()
  expect(await Promise.all([worker.whenBuilt(1_000), worker.whenBuilt(1_000)])).toEqual([true, true])
  expect(rebuildCount).toBe(2)
})

test('instances that start soon after one another rebuild once', async () => {
  await rebuilds.lock('other')
  await rebuilds.finish('other', await rebuilds.redisRun())
  worker.start()
  await delay(100)
  expect(rebuildCount).toBe(0)
})

test('after a restart of Redis, which may have lost its last moments, the timelines are rebuilt once', async () => {
  worker.start()
  await vi.waitFor(() => expect(rebuildCount).toBe(1))
  await server.restart()
  await worker.whenBuilt(1_000)
  await vi.waitFor(() => expect(rebuildCount).toBe(2), 5_000)
  await worker.whenBuilt(1_000)
  await delay(100)
  expect(rebuildCount).toBe(2)
}, 20_000)

test('after an event failed for good the timelines are repaired, after one that came again they are not', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  await rebuilds.lock('other')
  await rebuilds.finish('other', await rebuilds.redisRun())
  let isFailing = true
  const handler: EventHandler<typeof videoPublished> = async () => {
    if (isFailing) throw new Error('what it needs is away')
    return 'handled'
  }
  const { deliver } = worker.repairing({ deliver: handler })
  const delivery = { event: exampleEvent(), data: {} as never, log: silentLog }

  await expect(deliver(delivery)).rejects.toThrow('away')
  isFailing = false
  await deliver(delivery)
  vi.setSystemTime(Date.now() + 40_000)
  worker.start()
  await delay(100)
  expect(rebuildCount).toBe(0)

  isFailing = true
  await expect(deliver(delivery)).rejects.toThrow('away')
  vi.setSystemTime(Date.now() + 31_000)
  await worker.whenBuilt(100)
  await delay(100)
  expect(rebuildCount).toBe(1)
})
