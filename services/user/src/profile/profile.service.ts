import type { Profile, VersionedProfile } from '@fanone/contracts'
import {
  type Database,
  type EntityManager,
  type Identity,
  type SensitiveWords,
  ServiceError,
} from '@fanone/service-kit'
import type { ProfileCache } from './profile.cache.ts'
import type { ProfileRow } from './profile.entity.ts'
import { announceUserUpdated } from './profile.events.ts'
import { toPublic } from './profile.mapping.ts'
import { addProfile, findProfiles, lockProfile } from './profile.repository.ts'

/** Fields of a change; absent ones stay. */
export interface ProfileChange {
  name?: string | undefined
  signature?: string | undefined
}

/** Shows and changes profiles. */
export class ProfileService {
  readonly #database: Database
  readonly #cache: ProfileCache
  readonly #words: Pick<SensitiveWords, 'check'>

  constructor(options: { database: Database; cache: ProfileCache; words: Pick<SensitiveWords, 'check'> }) {
    this.#database = options.database
    this.#cache = options.cache
    this.#words = options.words
  }

  /** Adds a profile to the transaction that creates the user; the name begins as the user name. */
  add(em: EntityManager, user: { id: number; username: string; createdAt: Date }): void {
    const { id, username, createdAt } = user
    const nothing = { avatarKey: null, backgroundKey: null, signature: '' }
    addProfile(em, {
      id,
      username,
      name: username,
      ...nothing,
      version: 1,
      createdAt,
      updatedAt: createdAt,
      isHidden: false,
    })
  }

  /**
   * The profile of a new user. Replaces a cached "does not exist": ids can be guessed, and somebody
   * may have asked before.
   *
   * @throws ServiceError `user_not_found`
   */
  async getCreated(id: number): Promise<Profile> {
    const [profile] = await findProfiles(this.#database.em(), [id])
    if (!profile) throw new ServiceError('user_not_found')
    await this.#cache.show(profile)
    return toPublic(profile)
  }

  /**
   * Hides a user from everybody, or shows them again, in the caller's transaction, with the event
   * by which other services hear of it.
   *
   * @returns for `show`, once that is committed
   * @throws ServiceError `user_not_found`
   */
  async setHidden(em: EntityManager, id: number, isHidden: boolean): Promise<ProfileRow> {
    const profile = await lockProfile(em, id)
    if (!profile) throw new ServiceError('user_not_found')
    if (profile.isHidden !== isHidden) {
      Object.assign(profile, { isHidden, version: profile.version + 1 })
      announceUserUpdated(this.#database, em, profile)
    }
    return profile
  }

  /** Shows readers a committed profile, or that there is none any more. */
  show(profile: ProfileRow): Promise<void> {
    return this.#cache.show(profile)
  }

  /** @throws ServiceError `user_not_found` */
  async get(id: number): Promise<Profile> {
    const [profile] = await this.getMany([id])
    if (!profile) throw new ServiceError('user_not_found')
    return profile
  }

  /** In the order of the ids, each once; unknown ones are left out. */
  getMany(ids: number[]): Promise<VersionedProfile[]> {
    return this.#cache.read(ids)
  }

  /**
   * Changes the caller's profile; adds an event if anything is different.
   *
   * @throws ServiceError `user_not_found`, `sensitive_words`
   */
  async edit(identity: Identity, change: ProfileChange): Promise<Profile> {
    const allowed = this.#words.check({ name: change.name, signature: change.signature })
    const edited = await this.#database.transaction(async (em) => {
      const profile = await lockProfile(em, identity.userId)
      if (!profile) throw new ServiceError('user_not_found')
      if (applyChange(profile, allowed, new Date())) announceUserUpdated(this.#database, em, profile)
      return profile
    })
    await this.#cache.show(edited)
    return toPublic(edited)
  }
}

/** @returns whether anything is different now; then the profile has the next version */
export function applyChange(profile: ProfileRow, change: ProfileChange, now: Date): boolean {
  const { name = profile.name, signature = profile.signature } = change
  if (name === profile.name && signature === profile.signature) return false
  Object.assign(profile, { name, signature, version: profile.version + 1, updatedAt: now })
  return true
}
