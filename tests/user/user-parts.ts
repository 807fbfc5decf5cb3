import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { openPictures } from '@fanone/pictures'
import { createLocalStorage, uploadKey } from '@fanone/storage'
import { AccountEntity } from '../../services/user/src/account/account.entity.ts'
import { database as definition } from '../../services/user/src/database.ts'
import { PictureJanitor } from '../../services/user/src/picture/picture.janitor.ts'
import { PictureService } from '../../services/user/src/picture/picture.service.ts'
import { ProfileCache } from '../../services/user/src/profile/profile.cache.ts'
import { ProfileService } from '../../services/user/src/profile/profile.service.ts'
import { scratchCacheRedis } from '../support/scratch-cache.ts'
import { silentLog as log, scratchDatabase } from '../support/scratch-database.ts'

const GRACE_MS = 60_000

/** The parts of the user service that keep pictures, over a database and a storage of their own. */
export async function userParts() {
  const scratch = await scratchDatabase(definition)
  const database = await scratch.open()
  const redis = await scratchCacheRedis()
  const folder = await mkdtemp(join(tmpdir(), 'fanone-user-'))
  const storage = createLocalStorage({ rootDir: join(folder, 'store') })
  const cache = new ProfileCache({ redis, database, log })
  const pictures = await openPictures({ config: { FANONE_HOME: folder, PICTURE_JOBS: 1 }, storage, log })
  const profiles = new ProfileService({ database, cache, words: { check: (texts) => texts } })
  let users = 0
  return {
    database,
    storage,
    profiles,
    service: new PictureService({ database, cache, pictures }),
    janitor: new PictureJanitor({ storage, database, log, graceMs: GRACE_MS, intervalMs: 3_600_000 }),

    async newUser() {
      users += 1
      const user = { id: users, username: `user${users}`, createdAt: new Date() }
      await database.transaction(async (em) => {
        const account = { id: user.id, usernameKey: user.username, passwordHash: 'x', createdAt: user.createdAt }
        await em.persist(em.create(AccountEntity, account)).flush()
        profiles.add(em, user)
      })
      return { userId: user.id, sessionId: 'test' }
    },

    async upload(bytes: Uint8Array): Promise<string> {
      const uploadId = randomBytes(16).toString('hex')
      await storage.put(uploadKey(uploadId), Readable.from([bytes]))
      return uploadId
    },

    /** Makes an object older than the janitor's patience. */
    async age(key: string): Promise<void> {
      await storage.withLocalFile(key, (path) => utimes(path, 1, (Date.now() - 2 * GRACE_MS) / 1000))
    },

    /** Every key in storage. */
    async keys(): Promise<string[]> {
      const keys: string[] = []
      for (const top of ['uploads', 'media']) for await (const { key } of storage.list(top)) keys.push(key)
      return keys.sort()
    },

    /** The events in the outbox, oldest first. */
    async events(): Promise<{ type: string; data: Record<string, unknown> }[]> {
      const rows = await database
        .em()
        .execute<{ type: string; data: string }[]>('select type, data from outbox order by seq')
      return rows.map(({ type, data }) => ({ type, data: JSON.parse(data) }))
    },

    async close(): Promise<void> {
      redis.disconnect()
      await scratch.drop()
      await rm(folder, { recursive: true })
    },
  }
}

export type UserParts = Awaited<ReturnType<typeof userParts>>
