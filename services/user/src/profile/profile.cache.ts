import type { VersionedProfile } from '@fanone/contracts'
import { type CacheRedis, type Database, type Logger, VersionedCache, type VersionedRecord } from '@fanone/service-kit'
import type { ProfileRow } from './profile.entity.ts'
import { toPublic } from './profile.mapping.ts'
import { findProfiles } from './profile.repository.ts'

/** Profiles for readers. A change reads its row, never the cache. */
export class ProfileCache {
  readonly #cache: VersionedCache<number, VersionedProfile>

  constructor(options: { redis: CacheRedis; database: Database; log: Logger }) {
    const { redis, database, log } = options
    const load = async (ids: number[]) =>
      new Map((await findProfiles(database.em(), ids)).map((profile) => [profile.id, toRecord(profile)]))
    this.#cache = new VersionedCache({ name: 'user:profiles', redis, load, log })
  }

  /** In the order of the ids, each once; unknown ones are left out. */
  read(ids: number[]): Promise<VersionedProfile[]> {
    return this.#cache.list(ids)
  }

  /** Caches a committed profile; if Redis does not answer, the event of the change does. */
  show(profile: ProfileRow): Promise<void> {
    return this.#cache.show(profile.id, toRecord(profile))
  }

  /**
   * Makes the cache hold this version or a newer one.
   *
   * @throws ServiceError `unavailable` if Redis does not answer
   */
  refresh(id: number, version: number): Promise<void> {
    return this.#cache.refresh(id, version)
  }
}

/** Who is hidden is a record without a value. */
const toRecord = (profile: ProfileRow): VersionedRecord<VersionedProfile> => ({
  version: profile.version,
  value: profile.isHidden ? undefined : toPublic(profile),
})
