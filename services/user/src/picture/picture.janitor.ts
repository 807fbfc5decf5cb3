import { isPictureOf } from '@fanone/pictures'
import { type Database, type Logger, RepeatingWorker, type Worker } from '@fanone/service-kit'
import { publicKey, type Storage } from '@fanone/storage'
import type { ProfileRow } from '../profile/profile.entity.ts'
import { findProfiles, lockProfile } from '../profile/profile.repository.ts'
import { folderOfUser, USERS_FOLDER } from './picture.folder.ts'

const BATCH_SIZE = 100
const PICTURE = /^media\/users\/(\d{1,16})\/([0-9a-f]{32})\//

/** A picture as storage has it, by the file that was written last. */
interface StoredPicture {
  userId: number
  pictureId: string
  modifiedAtMs: number
}

export interface PictureJanitorOptions {
  storage: Storage
  database: Database
  log: Logger
  /** How old a picture that no profile names must be before it counts as abandoned. */
  graceMs: number
  intervalMs: number
}

/** Removes pictures that no profile names: leftovers of crashes and of failed removals. */
export class PictureJanitor implements Worker {
  readonly name = 'picture janitor'
  readonly #options: PictureJanitorOptions
  readonly #sweeping: RepeatingWorker

  constructor(options: PictureJanitorOptions) {
    this.#options = options
    const { log, intervalMs } = options
    this.#sweeping = new RepeatingWorker({
      name: this.name,
      work: async (signal) => log.info({ removed: await this.sweep(signal) }, 'searched for abandoned pictures'),
      // Up to a tenth earlier or later, so that instances started together do not sweep together.
      pauseMs: () => intervalMs * (0.9 + Math.random() / 5),
      isPausedFirst: true,
      log,
      failure: 'the search for abandoned pictures failed',
    })
  }

  start(): void {
    this.#sweeping.start()
  }

  stop(): Promise<void> {
    return this.#sweeping.stop()
  }

  /**
   * Looks through the pictures of all users once.
   *
   * @returns how many were removed
   */
  async sweep(signal?: AbortSignal): Promise<number> {
    let removed = 0
    let batch: StoredPicture[] = []
    const flush = async () => {
      removed += await this.#sweepBatch(batch)
      batch = []
    }
    for await (const picture of this.#pictures()) {
      if (signal?.aborted) return removed
      batch.push(picture)
      if (batch.length === BATCH_SIZE) await flush()
    }
    await flush()
    return removed
  }

  async #sweepBatch(batch: StoredPicture[]): Promise<number> {
    const old = batch.filter(({ modifiedAtMs }) => Date.now() - modifiedAtMs > this.#options.graceMs)
    if (old.length === 0) return 0
    const found = await findProfiles(this.#options.database.em(), [...new Set(old.map(({ userId }) => userId))])
    const profiles = new Map(found.map((profile) => [profile.id, profile]))
    let removed = 0
    for (const picture of old) {
      if (isShown(profiles.get(picture.userId), picture)) continue
      if (await this.#removeUnlessShown(picture)) removed += 1
    }
    return removed
  }

  /** Under the lock of the profile, so that no change can name the picture meanwhile. */
  #removeUnlessShown(picture: StoredPicture): Promise<boolean> {
    return this.#options.database.transaction(async (em) => {
      if (isShown(await lockProfile(em, picture.userId), picture)) return false
      await this.#options.storage.deleteUnder(publicKey(`${folderOfUser(picture.userId)}/${picture.pictureId}`))
      return true
    })
  }

  async *#pictures(): AsyncGenerator<StoredPicture> {
    let current: StoredPicture | undefined
    for await (const { key, modifiedAt } of this.#options.storage.list(publicKey(USERS_FOLDER))) {
      const [, userId, pictureId] = PICTURE.exec(key) ?? []
      if (!userId || !pictureId) continue
      const modifiedAtMs = modifiedAt.getTime()
      if (current?.pictureId === pictureId) {
        current.modifiedAtMs = Math.max(current.modifiedAtMs, modifiedAtMs)
        continue
      }
      if (current) yield current
      current = { userId: Number(userId), pictureId, modifiedAtMs }
    }
    if (current) yield current
  }
}

function isShown(profile: ProfileRow | null | undefined, { pictureId }: StoredPicture): boolean {
  return isPictureOf(profile?.avatarKey, pictureId) || isPictureOf(profile?.backgroundKey, pictureId)
}
