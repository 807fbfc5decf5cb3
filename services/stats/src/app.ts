import { interactionContract, relationContract, videoContract } from '@fanone/contracts'
import { connectCacheRedis, type Database, type Kit, type ServiceParts } from '@fanone/service-kit'
import type { StatsConfig } from './config.ts'
import { CounterCache } from './counter/counter.cache.ts'
import { statsOperations } from './counter/counter.operations.ts'
import { CounterRepository } from './counter/counter.repository.ts'
import { EmissionRepository } from './emission/emission.repository.ts'
import { emissionWorker } from './emission/emission.worker.ts'
import { RankingRepository } from './ranking/ranking.repository.ts'
import { rankingWorker } from './ranking/ranking.worker.ts'
import { RebuildRepository } from './rebuild/rebuild.repository.ts'
import { RebuildService } from './rebuild/rebuild.service.ts'
import { subscriptions } from './subscriptions.ts'

/** Assembles stats: counting events, reading counters, publishing changes. */
export async function createApp(kit: Kit<StatsConfig> & { database: Database }): Promise<ServiceParts> {
  const { config, database, log } = kit
  const password = await kit.secret('redis-password')
  // Not closed: running requests use it until the process ends.
  const redis = connectCacheRedis({ address: config.REDIS_ADDRESS, password, log })
  const counters = new CounterRepository(database)
  const cache = new CounterCache({ redis, counters, log })
  const rankings = new RankingRepository(database)
  const sources = {
    interaction: kit.client('interaction', interactionContract),
    relation: kit.client('relation', relationContract),
    video: kit.client('video', videoContract),
  }
  const rebuilds = new RebuildService({ rebuilds: new RebuildRepository(database), sources, log })
  return {
    operations: statsOperations({ cache, counters, rankings, rebuilds }),
    subscriptions: subscriptions(counters),
    workers: [
      emissionWorker({ database, emissions: new EmissionRepository(database), counters, cache, log }),
      rankingWorker({ database, rankings, log }),
    ],
  }
}
