import { join } from 'node:path'
import type { douyinContract, fanoneContract, Surface, v1Contract } from '@fanone/contracts/gateway'
import { connectRedis, type Kit, leaveUntraced, type ServiceParts } from '@fanone/service-kit'
import { openStorage, type Storage } from '@fanone/storage'
import type { AnyRouter } from '@orpc/server'
import type { Redis } from 'ioredis'
import type service from '../service.ts'
import { EndedSessions } from './auth/ended-sessions.ts'
import { KeySet } from './auth/key-set.ts'
import { LastingTokens } from './auth/lasting-tokens.ts'
import { TokenVerifier } from './auth/token-verifier.ts'
import { chunksFanone } from './chunks/chunks.fanone.ts'
import { commentsDouyin } from './comments/comments.douyin.ts'
import { commentsFanone } from './comments/comments.fanone.ts'
import { commentsV1 } from './comments/comments.v1.ts'
import { mediaOrigins, publicUrl } from './config.ts'
import { feedsDouyin } from './feeds/feeds.douyin.ts'
import { feedsFanone } from './feeds/feeds.fanone.ts'
import { feedsV1 } from './feeds/feeds.v1.ts'
import { shareTimelines } from './feeds/timelines.ts'
import { createRenderer } from './http/answer-route.ts'
import { formBody, jsonBody } from './http/bodies.ts'
import { createPublicApp, type PublicAppParts } from './http/public-app.ts'
import { PublicServer } from './http/public-server.ts'
import { type Authenticate, RequestPolicy } from './http/request-policy.ts'
import { UploadReceiver } from './http/upload.receiver.ts'
import { keysV1 } from './keys/keys.v1.ts'
import { likesDouyin } from './likes/likes.douyin.ts'
import { likesFanone } from './likes/likes.fanone.ts'
import { likesV1 } from './likes/likes.v1.ts'
import { createLimits, type Limits } from './limits/limits.ts'
import { LimitsFile, limitsPath } from './limits/limits-file.ts'
import { monitoringV1 } from './monitoring/monitoring.v1.ts'
import { Prometheus } from './monitoring/prometheus.ts'
import { openApiRoutes } from './openapi/openapi.routes.ts'
import { opsV1 } from './ops/ops.v1.ts'
import { passkeysV1 } from './passkeys/passkeys.v1.ts'
import { phonesV1 } from './phones/phones.v1.ts'
import { defaultAvatars } from './pictures/default-avatars.ts'
import { picturesFanone } from './pictures/pictures.fanone.ts'
import { picturesV1 } from './pictures/pictures.v1.ts'
import { createPictureReceivers } from './pictures/receivers.ts'
import { createCounters } from './presenter/counters.ts'
import { createFlags } from './presenter/flags.ts'
import { ImageSearch } from './presenter/image-search.ts'
import { createLookups } from './presenter/lookups.ts'
import { Presenter } from './presenter/presenter.ts'
import { createTargets } from './presenter/targets.ts'
import { relationsDouyin } from './relations/relations.douyin.ts'
import { relationsFanone } from './relations/relations.fanone.ts'
import { relationsV1 } from './relations/relations.v1.ts'
import { reportsV1 } from './reports/reports.v1.ts'
import { declaredRoutes } from './routing/declared-routes.ts'
import { RouteTable } from './routing/route-table.ts'
import { sessionsDouyin } from './sessions/sessions.douyin.ts'
import { sessionsFanone } from './sessions/sessions.fanone.ts'
import { sessionsV1 } from './sessions/sessions.v1.ts'
import { createSignIn } from './sessions/sign-in.ts'
import { LinkPreviews } from './site/link-preview.ts'
import { createSite } from './site/site.ts'
import { douyinAuthentication, showsDouyinToken } from './surfaces/douyin/douyin.auth.ts'
import { sendDouyinError } from './surfaces/douyin/douyin.errors.ts'
import { fanoneAuthentication, showsFanoneToken } from './surfaces/fanone/fanone.auth.ts'
import { sendFanoneError } from './surfaces/fanone/fanone.errors.ts'
import { showsV1Token, v1Authentication } from './surfaces/v1/v1.auth.ts'
import { sendV1Error } from './surfaces/v1/v1.errors.ts'
import { totpFanone } from './totp/totp.fanone.ts'
import { totpV1 } from './totp/totp.v1.ts'
import { chunkHandler } from './uploads/chunk.handler.ts'
import { finishedUploadHandler } from './uploads/finished-upload.handler.ts'
import { tusHandler } from './uploads/tus/tus.handler.ts'
import { tusHeaders } from './uploads/tus/tus.headers.ts'
import { type UploadRoute, uploadHandler } from './uploads/upload.handler.ts'
import { UploadPublisher } from './uploads/upload.publisher.ts'
import { uploadsDouyin } from './uploads/uploads.douyin.ts'
import { fanoneUploads, uploadsFanone } from './uploads/uploads.fanone.ts'
import { uploadsV1, v1Uploads } from './uploads/uploads.v1.ts'
import { usersDouyin } from './users/users.douyin.ts'
import { usersFanone } from './users/users.fanone.ts'
import { usersV1 } from './users/users.v1.ts'
import { videosDouyin } from './videos/videos.douyin.ts'
import { videosFanone } from './videos/videos.fanone.ts'
import { videosV1 } from './videos/videos.v1.ts'
import { visitsV1 } from './visits/visits.v1.ts'

/** The gateway: no operations, no database; the public server runs as its worker. */
export async function createApp(kit: Kit<typeof service>): Promise<ServiceParts<typeof service>> {
  const { config, log } = kit
  // Rate limits are counted in memory while Redis is away; nobody waits long to find out.
  const redis = kit.redis((server) => connectRedis({ ...server, commandTimeoutMs: 250 }))
  const ended = new EndedSessions({ user: kit.client('user').sessions })
  const stopping = new AbortController()
  const parts = await createParts(kit, {
    redis,
    ended,
    visitorKey: await kit.secret('visitor-key'),
    storage: await openStorage({ config, secret: kit.secret }),
    stopping: stopping.signal,
  })
  const { app, isQuiet } = createPublicApp(parts)
  leaveUntraced(isQuiet)
  const server = new PublicServer(app, {
    port: config.HTTP_PORT,
    host: config.HTTP_HOST,
    maxConnections: parts.limits.maxConnections,
    idleTimeoutMs: config.UPLOAD_IDLE_SECONDS * 1_000,
    onStop: () => stopping.abort(),
    log,
  })
  const limitsFile = new LimitsFile({
    path: limitsPath(config),
    apply: (values) => {
      parts.limits.apply(values)
      server.maxConnections = values.maxConnections ?? config.MAX_CONNECTIONS
    },
    log,
  })
  await limitsFile.read()
  return { workers: { 'limits file': limitsFile, 'ended sessions': ended.worker(log), 'public server': server } }
}

/** What of the kit the public app needs. */
export type GatewayKit = Pick<Kit<typeof service>, 'config' | 'log' | 'client'>

/** What the public app needs that is no setting. */
export interface GatewayResources {
  /** Counts rate limits over all gateways; in memory without it. */
  redis: Redis | undefined
  ended: EndedSessions
  /** Hashes the addresses of anonymous visitors; the same in all gateways. */
  visitorKey: string
  /** Where uploads go, and media come from. */
  storage: Storage
  /** Aborted when the gateway ends; answers that would go on are finished then. */
  stopping: AbortSignal
}

/** Everything of the public app. */
export async function createParts(kit: GatewayKit, resources: GatewayResources): Promise<PublicAppParts> {
  const { config, log } = kit
  const table = new RouteTable(declaredRoutes)
  const limits = createLimits(config, { table, redis: resources.redis, log })
  const parts = createModuleParts(kit, { limits, ...resources })
  const { verifier, lasting, signIn } = parts
  const policy = (authenticate: Authenticate) => new RequestPolicy({ authenticate, ...limits })
  const policies = {
    v1: policy(v1Authentication(verifier)),
    fanone: policy(fanoneAuthentication(verifier, signIn.refresh)),
    douyin: policy(douyinAuthentication({ verifier, lasting })),
  }
  const { storage } = resources
  const receivers = createPictureReceivers(storage)
  const maxBytes = config.UPLOAD_MAX_BYTES
  const receiver = new UploadReceiver({ storage, maxBytes })
  const inOneRequest = { receiver, publisher: uploadPublisher(kit, receiver) }
  const upload = (route: UploadRoute) => uploadHandler(route, inOneRequest)
  const ofV1 = uploadsV1({ ...parts, policy: policies.v1 })
  return {
    surfaces: {
      v1: {
        policy: policies.v1,
        showsToken: showsV1Token,
        readBody: jsonBody(),
        pictures: picturesV1({ ...parts, receivers, policy: policies.v1 }),
        upload: v1Uploads({
          inOneRequest: upload(ofV1),
          finished: finishedUploadHandler(ofV1, parts.publisher),
          tus: tusHandler({ policy: policies.v1, uploads: parts.video.uploads, storage, maxBytes }),
        }),
        sendError: sendV1Error,
      },
      fanone: {
        policy: policies.fanone,
        showsToken: showsFanoneToken,
        readBody: formBody({ mergeQuery: false }),
        pictures: picturesFanone({ ...parts, receivers, policy: policies.fanone }),
        upload: fanoneUploads({
          inOneRequest: upload(uploadsFanone({ policy: policies.fanone })),
          chunk: chunkHandler({ policy: policies.fanone, uploads: parts.video.uploads, receiver, maxBytes }),
        }),
        sendError: sendFanoneError,
      },
      douyin: {
        policy: policies.douyin,
        showsToken: showsDouyinToken,
        readBody: formBody({ mergeQuery: true }),
        upload: upload(uploadsDouyin({ ...parts, policy: policies.douyin })),
        pictures: {},
        sendError: sendDouyinError,
      },
    },
    render: createRenderer(modules(parts)),
    table,
    limits,
    media: [defaultAvatars, storage.serve()],
    tusHeaders: tusHeaders(maxBytes),
    documentation: await openApiRoutes(),
    site: createSite(config.SITE_FOLDER ?? join(config.FANONE_HOME, 'run/site'), {
      isRoute: (request) => table.lookUp(request) !== undefined,
      mediaOrigins: mediaOrigins(config),
      previews: new LinkPreviews({ ...parts, rates: limits.rates, origin: publicUrl(config), log }),
    }),
    corsOrigins: config.CORS_ORIGINS,
    trustedProxies: config.TRUST_PROXY,
    log,
  }
}

/**
 * The modules of a contract: one for each noun but those that take files, which are not answered
 * through their contract.
 */
type ModulesOf<Contract> = Record<Exclude<keyof Contract, 'uploads' | 'pictures'>, AnyRouter>

/**
 * What answers, by surface and noun. A module that is missing does not compile, nor does a route
 * missing in a module.
 */
export function modules(parts: ModuleParts): Record<Surface, AnyRouter> {
  return {
    v1: {
      users: usersV1(parts),
      sessions: sessionsV1(parts),
      totp: totpV1(parts),
      phones: phonesV1(parts),
      passkeys: passkeysV1(parts),
      keys: keysV1(parts),
      videos: videosV1(parts),
      feeds: feedsV1(parts),
      likes: likesV1(parts),
      comments: commentsV1(parts),
      visits: visitsV1(parts),
      relations: relationsV1(parts),
      reports: reportsV1(parts),
      ops: opsV1(parts),
      monitoring: monitoringV1(parts),
    } satisfies ModulesOf<typeof v1Contract>,
    fanone: {
      users: usersFanone(parts),
      sessions: sessionsFanone(parts),
      totp: totpFanone(parts),
      videos: videosFanone(parts),
      feeds: feedsFanone(parts),
      likes: likesFanone(parts),
      chunks: chunksFanone(parts),
      comments: commentsFanone(parts),
      relations: relationsFanone(parts),
    } satisfies ModulesOf<typeof fanoneContract>,
    douyin: {
      users: usersDouyin(parts),
      sessions: sessionsDouyin(parts),
      videos: videosDouyin(parts),
      feeds: feedsDouyin(parts),
      likes: likesDouyin(parts),
      comments: commentsDouyin(parts),
      relations: relationsDouyin(parts),
    } satisfies ModulesOf<typeof douyinContract>,
  }
}

/** Everything that modules are made of; each says in its own parameters what it takes. */
export type ModuleParts = ReturnType<typeof createModuleParts>

function createModuleParts(
  kit: GatewayKit,
  { limits, ended, visitorKey, stopping }: Omit<GatewayResources, 'redis' | 'storage'> & { limits: Limits },
) {
  const user = kit.client('user')
  const video = kit.client('video')
  const interaction = kit.client('interaction')
  const relation = kit.client('relation')
  const keys = new KeySet({ fetchKeys: async () => (await user.keys.list({})).keys })
  const lookups = createLookups({ user, video })
  const flags = createFlags({ interaction, relation })
  const counters = createCounters(kit.client('stats'), kit.log)
  const mediaRoot = `${publicUrl(kit.config)}/media/`
  const mediaUrl = (key: string) => mediaRoot + key
  const present = new Presenter({ lookups, flags, counters, mediaUrl })
  return {
    user,
    video,
    interaction,
    relation,
    timelines: shareTimelines(kit.client('feed')),
    signIn: createSignIn({ user, ...limits }),
    hashes: limits.hashes,
    limits,
    ended,
    keys,
    verifier: new TokenVerifier({ keys, ended }),
    lasting: new LastingTokens({
      verifier: new TokenVerifier({ keys, ended, type: 'lasting+jwt' }),
      user: user.sessions,
    }),
    lookups,
    targets: createTargets({ user, video, interaction }),
    flags,
    present,
    mediaUrl,
    imageSearch: new ImageSearch({ images: kit.client('image-search').images, lookups, present, mediaUrl }),
    visitorKey,
    publisher: uploadPublisher(kit),
    prometheus: new Prometheus({ address: kit.config.PROMETHEUS_ADDRESS }),
    stopping,
  }
}

/** @param receiver where refused uploads are removed; without it they stay with their owner */
function uploadPublisher(kit: GatewayKit, receiver?: UploadReceiver): UploadPublisher {
  return new UploadPublisher({
    video: kit.client('video'),
    ...(receiver && { receiver }),
    timeoutMs: kit.config.PUBLISH_TIMEOUT_SECONDS * 1_000,
    retryForMs: kit.config.PUBLISH_RETRY_SECONDS * 1_000,
    log: kit.log,
  })
}
