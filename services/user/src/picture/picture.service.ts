import type { Profile, ProfilePicture } from '@fanone/contracts'
import type { PicturePlace, Pictures } from '@fanone/pictures'
import { type Database, type Identity, ServiceError } from '@fanone/service-kit'
import type { ProfileCache } from '../profile/profile.cache.ts'
import type { ProfileRow } from '../profile/profile.entity.ts'
import { announceUserUpdated } from '../profile/profile.events.ts'
import { toPublic } from '../profile/profile.mapping.ts'
import { findProfiles, lockProfile } from '../profile/profile.repository.ts'
import { folderOfUser } from './picture.folder.ts'

const columns = { avatar: 'avatarKey', background: 'backgroundKey' } as const

/** The avatars and backgrounds of users; the janitor removes what a crash leaves of them. */
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
  set({ userId }: Identity, { kind, uploadId }: { kind: ProfilePicture; uploadId: string }): Promise<Profile> {
    return this.#pictures.set(this.#placeOf(userId, kind), { kind, uploadId })
  }

  /** Removes the caller's avatar or background. @throws ServiceError `user_not_found` */
  remove({ userId }: Identity, { kind }: { kind: ProfilePicture }): Promise<Profile> {
    return this.#pictures.unset(this.#placeOf(userId, kind))
  }

  #placeOf(userId: number, kind: ProfilePicture): PicturePlace<Profile> {
    const column = columns[kind]
    return {
      find: async () => {
        const [profile] = await findProfiles(this.#database.em(), [userId])
        if (!profile) throw new ServiceError('user_not_found')
        return { owner: toPublic(profile), key: profile[column], folder: folderOfUser(userId) }
      },
      change: (key, check) => this.#change({ userId, column, key, check }),
    }
  }

  async #change(change: {
    userId: number
    column: (typeof columns)[ProfilePicture]
    key: string | null
    check: () => Promise<void>
  }): Promise<{ owner: Profile; replaced: string | null }> {
    const { userId, column, key, check } = change
    const { profile, replaced } = await this.#database.transaction(async (em) => {
      const locked = await lockProfile(em, userId)
      if (!locked) throw new ServiceError('user_not_found')
      const before = locked[column] ?? null
      if (before === key) return { profile: locked, replaced: null }
      await check()
      Object.assign(locked, { [column]: key, version: locked.version + 1, updatedAt: new Date() })
      announceUserUpdated(this.#database, em, locked)
      return { profile: locked as ProfileRow, replaced: before }
    })
    await this.#cache.show(profile)
    return { owner: toPublic(profile), replaced }
  }
}
