import type { MikroORM } from '@mikro-orm/mysql'

/**
 * Holds a named lock of the MySQL server while `work` runs. The lock belongs to a connection, pinned here by a transaction that
 * touches no table, and ends with it: whoever is killed holds nothing.
 *
 * @returns whether the lock was had and the work done
 */
export async function withServerLock(
  orm: MikroORM,
  options: { name: string; waitSeconds: number },
  work: () => Promise<unknown>,
): Promise<boolean> {
  const lock = `${orm.config.get('dbName')}.${options.name}`
  return orm.em.fork().transactional(async (holder) => {
    const [row] = await holder.execute<{ locked: number }[]>('select get_lock(?, ?) as locked', [
      lock,
      options.waitSeconds,
    ])
    if (Number(row?.locked) !== 1) return false
    try {
      await work()
      return true
    } finally {
      await holder.execute('select release_lock(?)', [lock])
    }
  })
}
