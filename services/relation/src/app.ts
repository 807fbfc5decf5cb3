import { type GetProfiles, type Kit, KnownUsers, type ServiceParts } from '@fanone/service-kit'
import type service from '../service.ts'
import { FollowChanges } from './follow/follow.changes.ts'
import { followOperations } from './follow/follow.operations.ts'
import { FollowRepository } from './follow/follow.repository.ts'
import { FollowService } from './follow/follow.service.ts'

export function createApp(kit: Kit<typeof service>): ServiceParts<typeof service> {
  const { database, log } = kit
  const user = kit.client('user')
  const getProfiles: GetProfiles = (input) => user.profiles.getMany(input, { context: { timeoutMs: 1_500 } })
  const users = new KnownUsers({ database, getProfiles, log })
  const follows = new FollowService({
    follows: new FollowRepository(database),
    changes: new FollowChanges(database),
    users,
    getProfiles,
  })
  return { operations: { follows: followOperations(follows) }, handlers: users.handlers }
}
