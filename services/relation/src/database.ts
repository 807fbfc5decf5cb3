import { type DatabaseDefinition, KnownUserEntity } from '@fanone/service-kit'
import { FollowEntity } from './follow/follow.entity.ts'
import { migrations } from './migrations/index.ts'

/** What the service keeps in MySQL. */
export const database = {
  entities: [FollowEntity, KnownUserEntity],
  migrations,
} satisfies DatabaseDefinition
