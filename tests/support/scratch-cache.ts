import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type CacheRedis, connectCacheRedis } from '@fanone/service-kit'
import { silentLog } from './scratch-database.ts'
import { port, secrets } from './stack.ts'

/**
 * The stack's Redis, for a test's own cache; entries expire. The caller disconnects it.
 *
 * @param name of the cache; processes of one test that give the same share it
 */
export async function scratchCacheRedis(name = `scratch_${randomBytes(6).toString('hex')}`): Promise<CacheRedis> {
  const password = (await secrets())['redis-password'] as string
  const keyPrefix = `${name}:`
  const redis = connectCacheRedis({ address: `127.0.0.1:${port(7002)}`, password, keyPrefix, log: silentLog })
  await once(redis, 'ready')
  return redis
}
