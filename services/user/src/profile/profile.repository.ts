import type { EntityManager } from '@fanone/service-kit'
import { LockMode } from '@mikro-orm/core'
import { Profile } from './profile.entity.ts'

export function addProfile(em: EntityManager, profile: Profile): void {
  em.persist(em.create(Profile, profile))
}

export function findProfiles(em: EntityManager, ids: number[]): Promise<Profile[]> {
  return em.find(Profile, { id: ids })
}

/** Reads a profile for a change: others who want to change it wait until this transaction ends, and so do their events. */
export function lockProfile(em: EntityManager, id: number): Promise<Profile | null> {
  return em.findOne(Profile, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
}
