import type { CacheRedis } from '@fanone/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RateLimiter } from '../../services/gateway/src/limits/rate-limiter.ts'
import { scratchCacheRedis } from '../support/scratch-cache.ts'
import { silentLog } from '../support/scratch-database.ts'

const limit = { points: 2, windowSeconds: 3_600, scope: 'cluster' } as const

let redis: CacheRedis
beforeAll(async () => {
  redis = await scratchCacheRedis()
})
afterAll(() => redis?.disconnect())

/** What two gateways count of one client. */
function twoGateways() {
  const limiter = () => new RateLimiter({ redis, factor: 1, log: silentLog })
  const [here, there] = [limiter(), limiter()]
  const counted = (by: RateLimiter) => by.count('guessed', 'ip:1', limit)
  return { here: () => counted(here), there: () => counted(there) }
}

test('a use that is taken back may be made again, at every gateway; one that was refused may not', async () => {
  const { here, there } = twoGateways()
  await (await here()).takeBack()
  expect(await there()).toMatchObject({ isTooMany: false })
  expect(await here()).toMatchObject({ isTooMany: false })
  for (let refusals = 0; refusals < 5; refusals++) {
    const refused = await here()
    expect(refused.isTooMany).toBe(true)
    await refused.takeBack()
  }
  expect(await there()).toMatchObject({ isTooMany: true })
})
