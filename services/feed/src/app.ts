import { feedContract, relationContract, statsContract, userContract, videoContract } from '@fanone/contracts'
import { type Kit, operations, type ServiceParts } from '@fanone/service-kit'
import { authorEvents } from './author/author.events.ts'
import { AuthorRepository } from './author/author.repository.ts'
import { AuthorService } from './author/author.service.ts'
import type { FeedConfig } from './config.ts'
import { countersEvents } from './counters/counters.events.ts'
import { CountersRepository } from './counters/counters.repository.ts'
import { followingEvents } from './following/following.events.ts'
import { FollowingRepository } from './following/following.repository.ts'
import { popularEvents } from './popular/popular.events.ts'
import { PopularRepository } from './popular/popular.repository.ts'
import { RebuildRepository } from './rebuild/rebuild.repository.ts'
import { RebuildService, type WalkVideos } from './rebuild/rebuild.service.ts'
import { RebuildWorker } from './rebuild/rebuild.worker.ts'
import { SocialService, type SocialSources } from './rebuild/social.service.ts'
import { connectFeedRedis, waitForRedis } from './redis/feed-redis.ts'
import { subscriptions } from './subscriptions.ts'
import { timelineEvents } from './timeline/timeline.events.ts'
import { timelineOperations } from './timeline/timeline.operations.ts'
import { TimelineRepository } from './timeline/timeline.repository.ts'
import { TimelineService } from './timeline/timeline.service.ts'

/** Puts the feed together. */
export async function createApp(kit: Kit<FeedConfig>): Promise<ServiceParts> {
  const { log } = kit
  const password = await kit.secret('redis-password')
  // Not closed: running requests use it until the process ends.
  const redis = connectFeedRedis({ address: kit.config.REDIS_ADDRESS, password, log })
  await waitForRedis(redis, 2_000)

  const user = kit.client('user', userContract)
  const video = kit.client('video', videoContract)
  const timelines = new TimelineRepository(redis)
  const rebuilds = new RebuildRepository(redis)
  const authorRepository = new AuthorRepository(redis)
  const authors = new AuthorService({
    authors: authorRepository,
    getProfiles: (input) => user.profiles.getMany(input),
    log,
  })
  const beside = {
    counters: new CountersRepository(redis),
    popular: new PopularRepository(redis),
    following: new FollowingRepository(redis),
  }
  const social = new SocialService({ ...beside, sources: socialSources(kit) })
  const walk: WalkVideos = (input) => video.videos.walk(input)
  const service = new RebuildService({ rebuilds, timelines, authors, social, walk, log })
  const worker = new RebuildWorker({ service, rebuilds, log })
  const reader = new TimelineService({ timelines, ...beside, builder: worker })
  const handlers = {
    ...timelineEvents({ timelines, authors }),
    ...authorEvents(authorRepository),
    ...countersEvents(beside.counters),
    ...popularEvents(beside.popular),
    ...followingEvents(beside.following),
  }

  return {
    operations: operations(feedContract).router(timelineOperations({ timelines: reader, rebuilds: service })),
    subscriptions: subscriptions(handlers).map((subscription) => ({
      ...subscription,
      handler: worker.repairing(subscription.handler),
    })),
    workers: [worker],
  }
}

function socialSources(kit: Kit<FeedConfig>): SocialSources {
  const stats = kit.client('stats', statsContract)
  const relation = kit.client('relation', relationContract)
  return {
    walkCounters: (input) => stats.counters.walk({ ...input, kind: 'video' }),
    getRanking: (input) => stats.rankings.get(input),
    walkFollows: (input) => relation.follows.walk(input),
  }
}
