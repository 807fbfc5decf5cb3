import { startService } from '@fanone/service-kit'
import { createApp } from './app.ts'
import { RelationConfig } from './config.ts'
import { FollowEntity } from './follow/follow.entity.ts'
import { Follows20261121 } from './migrations/follows-20261121.ts'

await startService({
  config: RelationConfig,
  database: { entities: [FollowEntity], migrations: [Follows20261121] },
  createApp,
})
