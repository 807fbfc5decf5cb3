import { type EventData, userUpdated } from '@fanone/contracts'
import { addToOutbox, type Database, type EntityManager } from '@fanone/service-kit'
import type { Profile } from './profile.entity.ts'

/** Tells the others how a user looks now; committed with the change. */
export function announceUserUpdated(database: Database, em: EntityManager, profile: Profile): void {
  const data: EventData<typeof userUpdated> = {
    userId: profile.id,
    version: profile.version,
    username: profile.username,
    name: profile.name,
    avatarKey: profile.avatarKey ?? null,
    updatedAt: profile.updatedAt.toISOString(),
  }
  addToOutbox(database, em, userUpdated, { aggregateId: profile.id, data })
}
