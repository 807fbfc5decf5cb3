import type { EventData, userUpdated, VersionedProfile } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { silentLog } from './scratch-database.ts'

/** A profile at its first version. */
export function profileOf(id: number, facts: Partial<VersionedProfile> = {}): VersionedProfile {
  const at = '2026-11-01T12:00:00.000Z'
  const keys = { avatarKey: null, backgroundKey: null }
  return {
    id,
    username: `u${id}`,
    name: `U${id}`,
    ...keys,
    signature: '',
    version: 1,
    createdAt: at,
    updatedAt: at,
    ...facts,
  }
}

/** A user service for the parts of another one. */
export function playedUsers(knows: (id: number) => VersionedProfile | undefined = () => undefined) {
  const played = {
    profiles: new Map<number, VersionedProfile>(),
    asked: [] as number[][],
    isAway: false,
    async getProfiles({ ids }: { ids: number[] }): Promise<{ items: VersionedProfile[] }> {
      played.asked.push(ids)
      await Promise.resolve()
      if (played.isAway) throw new ServiceError('unavailable')
      return { items: ids.flatMap((id) => played.profiles.get(id) ?? knows(id) ?? []) }
    },
  }
  return played
}

/** The delivery of `user.updated` that tells of a profile. */
export function userUpdatedDelivery({ id: userId, version = 1, ...facts }: VersionedProfile & { isHidden?: boolean }) {
  const data: EventData<typeof userUpdated> = { userId, version, ...facts }
  const envelope = { id: `${userId} ${version}`, source: 'user', type: 'user.updated.v1', specversion: '1.0' } as const
  return { event: { ...envelope, data }, data, log: silentLog }
}
