import { connectCacheRedis, type Kit, type ServiceParts } from '@fanone/service-kit'
import type service from '../service.ts'
import { CounterCache } from './counter/counter.cache.ts'
import { counterEvents } from './counter/counter.events.ts'
import { counterOperations } from './counter/counter.operations.ts'
import { CounterRepository } from './counter/counter.repository.ts'
import { EmissionRepository } from './emission/emission.repository.ts'
import { emissionWorker } from './emission/emission.worker.ts'
import { rankingOperations } from './ranking/ranking.operations.ts'
import { RankingRepository } from './ranking/ranking.repository.ts'
import { rankingWorker } from './ranking/ranking.worker.ts'
import { rebuildOperations } from './rebuild/rebuild.operations.ts'
import { RebuildRepository } from './rebuild/rebuild.repository.ts'
import { RebuildService } from './rebuild/rebuild.service.ts'

export function createApp(kit: Kit<typeof service>): ServiceParts<typeof service> {
  const { database, log } = kit
  const counters = new CounterRepository(database)
  const cache = new CounterCache({ redis: kit.redis(connectCacheRedis), counters, log })
  const rankings = new RankingRepository(database)
  const sources = {
    interaction: kit.client('interaction'),
    relation: kit.client('relation'),
    video: kit.client('video'),
  }
  const rebuilds = new RebuildService({ rebuilds: new RebuildRepository(database), sources, log })
  const emission = emissionWorker({ database, emissions: new EmissionRepository(database), counters, cache, log })
  return {
    operations: {
      counters: counterOperations({ cache, counters }),
      rankings: rankingOperations(rankings),
      rebuilds: rebuildOperations(rebuilds),
    },
    handlers: counterEvents({ counters, onCounted: () => emission.wake() }),
    workers: {
      emission,
      rankings: rankingWorker({ database, rankings, log }),
    },
  }
}
