import type { Kit, ServiceParts } from '@fanone/service-kit'
import type service from '../service.ts'
import { authorEvents } from './author/author.events.ts'
import { AuthorRepository } from './author/author.repository.ts'
import { AuthorService } from './author/author.service.ts'
import { countersEvents } from './counters/counters.events.ts'
import { CountersRepository } from './counters/counters.repository.ts'
import { followingEvents } from './following/following.events.ts'
import { FollowingRepository } from './following/following.repository.ts'
import { FollowingService } from './following/following.service.ts'
import { popularEvents } from './popular/popular.events.ts'
import { PopularRepository } from './popular/popular.repository.ts'
import { RebuildRepository } from './rebuild/rebuild.repository.ts'
import { RebuildService, type WalkVideos } from './rebuild/rebuild.service.ts'
import { RebuildWorker } from './rebuild/rebuild.worker.ts'
import { SupplementService, type SupplementSources } from './rebuild/supplement.service.ts'
import { connectFeedRedis, waitForRedis } from './redis/feed-redis.ts'
import { timelineEvents } from './timeline/timeline.events.ts'
import { timelineOperations } from './timeline/timeline.operations.ts'
import { TimelineRepository } from './timeline/timeline.repository.ts'
import { TimelineService } from './timeline/timeline.service.ts'

export async function createApp(kit: Kit<typeof service>): Promise<ServiceParts<typeof service>> {
  const { log } = kit
  const redis = kit.redis(connectFeedRedis)
  await waitForRedis(redis, 2_000)

  const user = kit.client('user')
  const video = kit.client('video')
  const timelines = new TimelineRepository(redis)
  const rebuilds = new RebuildRepository(redis)
  const authorRepository = new AuthorRepository(redis)
  const authors = new AuthorService({
    authors: authorRepository,
    getProfiles: (input) => user.profiles.getMany(input),
    log,
  })
  const shared = {
    counters: new CountersRepository(redis),
    popular: new PopularRepository(redis),
    following: new FollowingRepository(redis),
  }
  const supplements = new SupplementService({ ...shared, sources: supplementSources(kit) })
  const walk: WalkVideos = (input) => video.videos.walk(input)
  const rebuild = new RebuildService({ rebuilds, timelines, authors, supplements, walk, log })
  const worker = new RebuildWorker({ service: rebuild, rebuilds, log })
  const reader = new TimelineService({
    timelines,
    popular: shared.popular,
    following: new FollowingService(shared.following),
    builder: worker,
  })
  const handlers = {
    ...timelineEvents({ timelines, authors }),
    ...authorEvents(authorRepository),
    ...countersEvents(shared.counters),
    ...popularEvents(shared.popular),
    ...followingEvents(shared.following),
  }

  return {
    operations: { timelines: timelineOperations({ timelines: reader, rebuilds: rebuild }) },
    handlers: worker.repairing(handlers),
    workers: { rebuild: worker },
  }
}

function supplementSources(kit: Kit<typeof service>): SupplementSources {
  const stats = kit.client('stats')
  const relation = kit.client('relation')
  return {
    walkCounters: (input) => stats.counters.walk({ ...input, kind: 'video' }),
    getRanking: (input) => stats.rankings.get(input),
    walkFollows: (input) => relation.follows.walk(input),
  }
}
