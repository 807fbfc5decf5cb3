import type { DatabaseDefinition } from '@fanone/service-kit'
import {
  ChangedCounterEntity,
  ContentCounterEntity,
  UserCounterEntity,
  VisitHourEntity,
} from './counter/counter.entity.ts'
import { migrations } from './migrations/index.ts'
import { RankingEntity } from './ranking/ranking.entity.ts'
import { RebuildEntity } from './rebuild/rebuild.entity.ts'

/** What the service keeps in MySQL. */
export const database = {
  entities: [
    ChangedCounterEntity,
    ContentCounterEntity,
    UserCounterEntity,
    VisitHourEntity,
    RankingEntity,
    RebuildEntity,
  ],
  migrations,
} satisfies DatabaseDefinition
