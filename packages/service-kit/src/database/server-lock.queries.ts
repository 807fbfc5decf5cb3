import type { EntityManager } from '@mikro-orm/mysql'

/** Written out because a lock of the server is no table. @returns whether it was had */
export async function getLock(em: EntityManager, name: string, waitSeconds: number): Promise<boolean> {
  const [row] = await em.execute<{ locked: number | null }[]>('select get_lock(?, ?) as locked', [name, waitSeconds])
  return row?.locked === 1
}

/** Written out because a lock of the server is no table. */
export async function releaseLock(em: EntityManager, name: string): Promise<void> {
  await em.execute('select release_lock(?)', [name])
}
