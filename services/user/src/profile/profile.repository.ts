import type { EntityManager } from '@fanone/service-kit'
import { LockMode } from '@mikro-orm/core'
import { ProfileEntity, type ProfileRow } from './profile.entity.ts'

export function addProfile(em: EntityManager, profile: ProfileRow): void {
  em.persist(em.create(ProfileEntity, profile))
}

export function findProfiles(em: EntityManager, ids: number[]): Promise<ProfileRow[]> {
  return em.find(ProfileEntity, { id: ids }, { disableIdentityMap: true })
}

/** Reads and locks a profile, so that changes and their events have an order. */
export function lockProfile(em: EntityManager, id: number): Promise<ProfileRow | null> {
  return em.findOne(ProfileEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
}
