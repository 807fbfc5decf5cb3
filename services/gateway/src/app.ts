import {
  feedContract,
  interactionContract,
  relationContract,
  statsContract,
  userContract,
  videoContract,
} from '@fanone/contracts'
import { connectRedis, type Kit, leaveUntraced, type ServiceParts } from '@fanone/service-kit'
import { createLocalStorage, mediaStoreFolder } from '@fanone/storage'
import type { Redis } from 'ioredis'
import { KeySet } from './auth/key-set.ts'
import { TokenVerifier } from './auth/token-verifier.ts'
import { type GatewayConfig, publicUrl } from './config.ts'
import { CountersService } from './counters/counters.service.ts'
import { douyinAuthentication } from './douyin/douyin.auth.ts'
import { sendDouyinError } from './douyin/douyin.errors.ts'
import { douyinRouter } from './douyin/douyin.router.ts'
import { fanoneAuthentication } from './fanone/fanone.auth.ts'
import { sendFanoneError } from './fanone/fanone.errors.ts'
import { fanoneRouter } from './fanone/fanone.router.ts'
import { FeedService } from './feed/feed.service.ts'
import { leaveNewestFeedUntraced, newestFeedHandler } from './feed/newest-feed.handler.ts'
import { Admission } from './http/admission.ts'
import { formBody, jsonBody } from './http/bodies.ts'
import { createPublicApp, type PublicAppParts, sendV1Error } from './http/public-app.ts'
import { PublicServer } from './http/public-server.ts'
import { RouteTable } from './http/route-table.ts'
import type { Services } from './http/surface.ts'
import { CommentsService } from './interactions/comments.service.ts'
import { LikesService } from './interactions/likes.service.ts'
import { VisitsService } from './interactions/visits.service.ts'
import { RateLimiter } from './limits/rate-limiter.ts'
import { declaredRoutes } from './openapi/openapi.document.ts'
import { openApiRoutes } from './openapi/openapi.routes.ts'
import { RouteBounds, userWrites } from './overload/load-shedding.ts'
import { LoopWatch } from './overload/loop-watch.ts'
import { RelationsService } from './relations/relations.service.ts'
import { type UploadRoute, uploadHandler } from './uploads/upload.handler.ts'
import { UploadPublisher } from './uploads/upload.publisher.ts'
import { UploadReceiver } from './uploads/upload.receiver.ts'
import { douyinUpload, fanoneUpload, v1Upload } from './uploads/upload.routes.ts'
import { UsersService } from './users/users.service.ts'
import { v1Authentication } from './v1/v1.auth.ts'
import { v1Router } from './v1/v1.router.ts'
import { toV1FeedItem } from './v1/v1.views.ts'
import { VideosService } from './videos/videos.service.ts'

/** The gateway: no operations, no database; the public server runs as its worker. */
export async function createApp(kit: Kit<GatewayConfig>): Promise<ServiceParts> {
  const { config, log } = kit
  leaveNewestFeedUntraced()
  const redis = connectRedis({
    address: config.REDIS_ADDRESS,
    password: await kit.secret('redis-password'),
    log,
    // Rate limits are counted in memory while Redis is away; nobody waits long to find out.
    commandTimeoutMs: 250,
  })
  const parts = await createParts(kit, { redis, visitorKey: await kit.secret('visitor-key') })
  leaveUntraced((request) => parts.bounds.isRefused(request))
  const app = createPublicApp(parts)
  const server = new PublicServer(app, {
    port: config.HTTP_PORT,
    host: config.HTTP_HOST,
    maxConnections: config.MAX_CONNECTIONS,
    idleTimeoutMs: config.UPLOAD_IDLE_SECONDS * 1_000,
    log,
  })
  const closeRedis = { name: 'redis', start: () => undefined, stop: () => redis.disconnect() }
  return { workers: [closeRedis, server] }
}

/** What of the kit the public app needs. */
export type GatewayKit = Pick<Kit<GatewayConfig>, 'config' | 'log' | 'client'>

/** What the public app needs that is no setting. */
export interface GatewayResources {
  /** Counts rate limits over all gateways; in memory without it. */
  redis: Redis | undefined
  /** Hashes the addresses of anonymous visitors; the same in all gateways. */
  visitorKey: string
}

/** Everything of the public app. */
export async function createParts(kit: GatewayKit, resources: GatewayResources): Promise<PublicAppParts> {
  const { config, log } = kit
  const { redis, visitorKey } = resources
  const limiter = new RateLimiter({ redis, factor: config.RATE_LIMIT_FACTOR, log })
  const storage = createLocalStorage({ rootDir: mediaStoreFolder(config.FANONE_HOME) })
  const services = createServices(kit, { limiter, visitorKey })
  const { users, feed, keys, mediaUrl } = services
  const verifier = new TokenVerifier(keys)
  const limits = { rates: limiter, writes: userWrites(config.USER_WRITE_CONCURRENCY) }
  const admissions = {
    v1: new Admission(limits, v1Authentication(verifier)),
    fanone: new Admission(limits, fanoneAuthentication(verifier, users)),
    douyin: new Admission(limits, douyinAuthentication(verifier)),
  }
  const loopWatch = new LoopWatch({ limitMs: config.EVENT_LOOP_DELAY_MS })
  loopWatch.start()
  const table = new RouteTable(declaredRoutes)
  const upload = createUpload(kit, new UploadReceiver({ storage, maxBytes: config.UPLOAD_MAX_BYTES }))
  return {
    surfaces: {
      v1: {
        upload: upload(v1Upload(admissions.v1, mediaUrl)),
        readBody: jsonBody(),
        router: v1Router(admissions.v1, services),
        sendError: sendV1Error,
      },
      fanone: {
        upload: upload(fanoneUpload(admissions.fanone)),
        readBody: formBody({ mergeQuery: false }),
        router: fanoneRouter(admissions.fanone, services),
        sendError: sendFanoneError,
      },
      douyin: {
        upload: upload(douyinUpload(admissions.douyin, verifier)),
        readBody: formBody({ mergeQuery: true }),
        router: douyinRouter(admissions.douyin, services),
        sendError: sendDouyinError,
      },
    },
    newestFeed: newestFeedHandler({
      limiter,
      load: async (page) => {
        const { items, nextCursor } = await feed.newest(page)
        return { items: items.map((card) => toV1FeedItem(card, mediaUrl)), nextCursor }
      },
    }),
    media: storage.serve(),
    documentation: await openApiRoutes(),
    corsOrigins: config.CORS_ORIGINS,
    trustedProxies: config.TRUST_PROXY,
    loopWatch,
    table,
    bounds: new RouteBounds(table, config.ROUTE_CONCURRENCY),
    log,
  }
}

function createServices(
  kit: GatewayKit,
  { limiter, visitorKey }: { limiter: RateLimiter; visitorKey: string },
): Services {
  const interaction = kit.client('interaction', interactionContract)
  const user = kit.client('user', userContract)
  const mediaRoot = `${publicUrl(kit.config)}/media/`
  return {
    users: new UsersService(user, limiter),
    videos: new VideosService(kit.client('video', videoContract)),
    likes: new LikesService(interaction),
    comments: new CommentsService(interaction),
    visits: new VisitsService(interaction, visitorKey),
    relations: new RelationsService(kit.client('relation', relationContract)),
    feed: new FeedService(kit.client('feed', feedContract)),
    counters: new CountersService(kit.client('stats', statsContract), kit.log),
    keys: new KeySet({ fetchKeys: async () => (await user.keys.list({}, { context: { timeoutMs: 3_000 } })).keys }),
    mediaUrl: (key) => mediaRoot + key,
  }
}

function createUpload(kit: GatewayKit, receiver: UploadReceiver) {
  const publisher = new UploadPublisher({
    video: kit.client('video', videoContract),
    uploads: receiver,
    timeoutMs: kit.config.PUBLISH_TIMEOUT_SECONDS * 1_000,
    retryForMs: kit.config.PUBLISH_RETRY_SECONDS * 1_000,
    log: kit.log,
  })
  return (route: UploadRoute) => ({ path: route.path, handler: uploadHandler(route, { receiver, publisher }) })
}
