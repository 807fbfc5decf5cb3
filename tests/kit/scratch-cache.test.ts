import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { scratchCacheRedis } from '../support/scratch-cache.ts'

test('what one test caches no other finds, nor the services', async () => {
  const [one, other] = await Promise.all([scratchCacheRedis(), scratchCacheRedis()])
  onTestFinished(() => {
    for (const redis of [one, other]) redis.disconnect()
  })
  const [written, kept] = [randomUUID(), randomUUID()]
  await one.set(written, '1', 'EX', 60)
  await one.keepNewest(1, kept, 1, '1 "kept"', 60)
  expect(await one.exists(written, kept)).toBe(2)
  expect(await other.exists(written, kept)).toBe(0)
  const found = (await other.scanStream({ match: `*${kept}` }).toArray()).flat()
  expect(found).toEqual([expect.stringMatching(/^scratch_/)])
})
