import type { VersionedProfile } from '@fanone/contracts'
import type { ProfileRow } from './profile.entity.ts'

/** The row as anybody may see it. */
export function toPublic(profile: ProfileRow): VersionedProfile {
  return {
    id: profile.id,
    username: profile.username,
    name: profile.name,
    avatarKey: profile.avatarKey ?? null,
    backgroundKey: profile.backgroundKey ?? null,
    signature: profile.signature,
    version: profile.version,
    createdAt: profile.createdAt.toISOString(),
    updatedAt: profile.updatedAt.toISOString(),
  }
}
