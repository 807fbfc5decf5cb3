import type { EntityManager } from '@fanone/service-kit'
import { LockMode } from '@mikro-orm/core'
import { ProfileEntity, type ProfileRow } from './profile.entity.ts'

export function addProfile(em: EntityManager, profile: ProfileRow): void {
  em.persist(em.create(ProfileEntity, profile))
}

export function findProfiles(em: EntityManager, ids: number[]): Promise<ProfileRow[]> {
  return em.find(ProfileEntity, { id: ids }, { disableIdentityMap: true })
}

/** Reads a profile for a change: others who want to change it wait until this transaction ends, and so do their events. */
export function lockProfile(em: EntityManager, id: number): Promise<ProfileRow | null> {
  return em.findOne(ProfileEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
}
