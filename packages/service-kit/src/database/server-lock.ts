import type { EntityManager, MikroORM } from '@mikro-orm/mysql'
import { getLock, releaseLock } from './server-lock.queries.ts'

/**
 * Holds a named lock of the MySQL server while `work` runs. The lock belongs to a connection
 * (pinned by a transaction that touches no table) and ends with it: a killed process holds nothing.
 *
 * @returns whether the lock was free and the work done
 */
export async function withServerLock(
  orm: MikroORM,
  options: { name: string; waitSeconds: number },
  work: () => Promise<unknown>,
): Promise<boolean> {
  const lock = `${orm.config.get('dbName')}.${options.name}`
  return orm.em.fork().transactional(async (em) => {
    const holder = em as EntityManager
    if (!(await getLock(holder, lock, options.waitSeconds))) return false
    try {
      await work()
      return true
    } finally {
      await releaseLock(holder, lock)
    }
  })
}
