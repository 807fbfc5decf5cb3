import type { Kit, ServiceParts } from '@fanone/service-kit'
import type service from '../service.ts'
import { FollowChanges } from './follow/follow.changes.ts'
import { followOperations } from './follow/follow.operations.ts'
import { FollowRepository } from './follow/follow.repository.ts'
import { FollowService } from './follow/follow.service.ts'

export function createApp(kit: Kit<typeof service>): ServiceParts<typeof service> {
  const { database } = kit
  const user = kit.client('user')
  const follows = new FollowService({
    follows: new FollowRepository(database),
    changes: new FollowChanges(database),
    getProfiles: (input) => user.profiles.getMany(input, { context: { timeoutMs: 1_500 } }),
  })
  return { operations: { follows: followOperations(follows) } }
}
