import { relationContract, userContract } from '@fanone/contracts'
import { type Database, type Kit, operations, type ServiceParts } from '@fanone/service-kit'
import type { RelationConfig } from './config.ts'
import { followOperations } from './follow/follow.operations.ts'
import { FollowRepository } from './follow/follow.repository.ts'
import { FollowService } from './follow/follow.service.ts'

/** Who follows whom. */
export function createApp(kit: Kit<RelationConfig> & { database: Database }): ServiceParts {
  const { database } = kit
  const user = kit.client('user', userContract)
  const follows = new FollowService({
    database,
    follows: new FollowRepository(database),
    getProfiles: (input) => user.profiles.getMany(input, { context: { timeoutMs: 1_500 } }),
  })
  return { operations: operations(relationContract).router(followOperations(follows)) }
}
