import type { Profile, ProfilePicture } from '@fanone/contracts'
import { isPictureOf, onceDone, type PictureOrder, type Pictures } from '@fanone/pictures'
import { type Database, type Identity, ServiceError } from '@fanone/service-kit'
import type { ProfileCache } from '../profile/profile.cache.ts'
import type { ProfileRow } from '../profile/profile.entity.ts'
import { announceUserUpdated } from '../profile/profile.events.ts'
import { toPublic } from '../profile/profile.mapping.ts'
import { findProfiles, lockProfile } from '../profile/profile.repository.ts'
import { folderOfUser } from './picture.folder.ts'

const columns = { avatar: 'avatarKey', background: 'backgroundKey' } as const

/**
 * The avatars and backgrounds of users. Files are in place before the profile names them, and go
 * after it names others; the janitor removes what a crash in between leaves.
 */
export class PictureService {
  readonly #database: Database
  readonly #cache: ProfileCache
  readonly #pictures: Pictures

  constructor(options: { database: Database; cache: ProfileCache; pictures: Pictures }) {
    this.#database = options.database
    this.#cache = options.cache
    this.#pictures = options.pictures
  }

  /**
   * Makes an upload the caller's avatar or background. A repeat finds it done.
   *
   * @throws ServiceError `user_not_found`, `upload_not_found`, `not_a_picture`, `storage_full`,
   *   `unavailable`
   */
  async set(identity: Identity, { kind, uploadId }: { kind: ProfilePicture; uploadId: string }): Promise<Profile> {
    const { userId } = identity
    const findDone = async () => {
      const [profile] = await findProfiles(this.#database.em(), [userId])
      if (!profile) throw new ServiceError('user_not_found')
      return isPictureOf(profile[columns[kind]], uploadId) ? toPublic(profile) : undefined
    }
    const order = { uploadId, kind, folder: folderOfUser(userId) }
    return await onceDone(findDone, async () => {
      const key = await this.#pictures.make(order)
      const changed = await this.#change({ userId, kind, key, order })
      await this.#pictures.removeUpload(uploadId)
      return changed
    })
  }

  /** Removes the caller's avatar or background. @throws ServiceError `user_not_found` */
  remove(identity: Identity, { kind }: { kind: ProfilePicture }): Promise<Profile> {
    return this.#change({ userId: identity.userId, kind, key: null })
  }

  async #change(change: {
    userId: number
    kind: ProfilePicture
    key: string | null
    order?: PictureOrder
  }): Promise<Profile> {
    const column = columns[change.kind]
    const { profile, replaced } = await this.#database.transaction(async (em) => {
      const locked = await lockProfile(em, change.userId)
      if (!locked) throw new ServiceError('user_not_found')
      const before = locked[column] ?? null
      if (before === change.key) return { profile: locked, replaced: null }
      // A late repeat has lost its upload; the janitor may have taken its files as abandoned.
      if (change.order && !(await this.#pictures.isWhole(change.order))) throw new ServiceError('upload_not_found')
      Object.assign(locked, { [column]: change.key, version: locked.version + 1, updatedAt: new Date() })
      announceUserUpdated(this.#database, em, locked)
      return { profile: locked as ProfileRow, replaced: before }
    })
    await this.#cache.show(profile)
    await this.#pictures.remove(replaced)
    return toPublic(profile)
  }
}
