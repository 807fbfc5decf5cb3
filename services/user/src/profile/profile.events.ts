import { type EventData, userUpdated } from '@fanone/contracts'
import { addToOutbox, type Database, type EntityManager, type EventHandler } from '@fanone/service-kit'
import type { ProfileCache } from './profile.cache.ts'
import type { ProfileRow } from './profile.entity.ts'
import { toPublic } from './profile.mapping.ts'

/** Adds the event with the user's new profile; committed with the change. */
export function announceUserUpdated(database: Database, em: EntityManager, profile: ProfileRow): void {
  const { id: userId, ...facts } = toPublic(profile)
  const { version, isHidden } = profile
  const data: EventData<typeof userUpdated> = { userId, ...facts, version, ...(isHidden && { isHidden }) }
  addToOutbox(database, em, userUpdated, data)
}

/**
 * Refreshes the cache by the service's own events, in case of a crash between commit and cache.
 * Needs no inbox, because versions make a repeat harmless.
 */
export function profileEvents(cache: Pick<ProfileCache, 'refresh'>) {
  const refreshProfile: EventHandler<typeof userUpdated> = async ({ data }) => {
    await cache.refresh(data.userId, data.version)
    return 'handled'
  }
  return { 'user.updated': refreshProfile }
}
