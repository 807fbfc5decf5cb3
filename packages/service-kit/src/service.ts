import { createServer, type Server } from 'node:http'
import { flushCompileCache } from 'node:module'
import { promisify } from 'node:util'
import type { AnyContractRouter } from '@orpc/contract'
import type { Express } from 'express'
import type { Redis } from 'ioredis'
import { createAppPort, type Served } from './app-port.ts'
import type { BatchHandler } from './batches.ts'
import {
  ConfigError,
  configurationHash,
  loadConfig,
  redactConfig,
  type ServiceConfig,
  serviceConfig,
} from './config.ts'
import { connectDapr, type Dapr } from './dapr/client.ts'
import { Publisher } from './dapr/publish.ts'
import { readSecret } from './dapr/secrets.ts'
import { type Database, openDatabase } from './database/database.ts'
import { housekeepingWorker } from './database/housekeeping.ts'
import { OutboxRelay } from './database/relay.ts'
import { eventOf, type ServiceDeclaration, type ServiceParts } from './declaration.ts'
import { createKit, type Kit } from './kit.ts'
import { createLogger, type Logger } from './log.ts'
import { startRuntimeMetrics } from './metrics.ts'
import { createRouter, type Operations } from './operations.ts'
import { firstConnection } from './redis.ts'
import type { EventHandler } from './subscriptions.ts'
import { shutdownTelemetry } from './telemetry.ts'
import { type Worker, whenReady } from './workers.ts'

const CLOSE_IDLE_EVERY_MS = 50
/** A service whose callees stay away longer serves what it can without them. */
const READY_WITHOUT_CALLEES_MS = 15_000

/** Puts a service together from what the kit gives it. */
export type CreateApp<Service extends ServiceDeclaration> = (
  kit: Kit<Service>,
) => Promise<ServiceParts<Service>> | ServiceParts<Service>

/** The parts of any service. */
interface AnyParts {
  operations?: Operations<AnyContractRouter>
  handlers?: Record<string, EventHandler<never> | BatchHandler<never>>
  workers?: Record<string, Worker>
}

/**
 * Runs a service until SIGTERM or SIGINT: configuration, sidecar, secrets, database with
 * migrations, the app port with operations and subscriptions, outbox relay, workers. A failed start
 * prints one clear line and exits with 1.
 */
export async function startService<Service extends ServiceDeclaration>(
  service: Service,
  createApp: CreateApp<Service>,
): Promise<void> {
  let log = createLogger({ appId: service.appId, level: process.env.LOG_LEVEL ?? 'info' })
  try {
    const config = loadConfig(serviceConfig(service), process.env)
    log = createLogger({ appId: service.appId, level: config.LOG_LEVEL })
    log.info({ config: redactConfig(config) }, 'starting')
    await run(service, createApp as (kit: unknown) => AnyParts | Promise<AnyParts>, config, log)
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`)
    else log.fatal({ err: error }, 'the service could not start')
    process.exit(1)
  }
}

async function run(
  service: ServiceDeclaration,
  createApp: (kit: unknown) => AnyParts | Promise<AnyParts>,
  config: ServiceConfig,
  log: Logger,
): Promise<void> {
  startRuntimeMetrics({ release: config.RELEASE, configuration: configurationHash(config) })
  if (!config.APP_API_TOKEN) log.warn('APP_API_TOKEN is not set: anybody on this machine can call the app port')
  const dapr = connectDapr({ port: config.DAPR_HTTP_PORT, apiToken: config.DAPR_API_TOKEN })
  await dapr.transport.waitUntilReady({ timeoutMs: 60_000 })
  const publisher = new Publisher(dapr)
  const database = await connect(service, { config, dapr, log })
  const connections: Redis[] = []
  const parts = await createApp(await createKit(service, { config, log, dapr, database, connections }))
  await Promise.all(connections.map(firstConnection))
  const health = { isServing: false }
  const server = await listen(createAppPort(serve(service, parts), { config, log, health, publisher }), config)
  const workers: Pick<Worker, 'start' | 'stop' | 'whenReady'>[] = [
    ...(database
      ? [new OutboxRelay({ database, publisher, log, appId: service.appId }), housekeepingWorker(database, log)]
      : []),
    ...(service.workers ?? []).map((name) => parts.workers?.[name] as Worker),
  ]
  for (const worker of workers) await worker.start()
  let isStopping = false
  stopOnSignal(log, async () => {
    isStopping = true
    health.isServing = false
    await closeServer(server)
    for (const worker of workers.reverse()) await worker.stop()
    await database?.close()
    for (const connection of connections) connection.disconnect()
    await dapr.transport.close()
    await shutdownTelemetry()
  })
  await whenReady(workers, READY_WITHOUT_CALLEES_MS)
  if (isStopping) return
  health.isServing = true
  log.info({ port: config.APP_PORT }, 'serving')
  // Node would write it at a clean exit only, and the next start may follow a crash.
  flushCompileCache()
}

async function connect(
  { appId, database }: ServiceDeclaration,
  { config, dapr, log }: { config: ServiceConfig; dapr: Dapr; log: Logger },
): Promise<Database | undefined> {
  if (database === undefined) return undefined
  return openDatabase({
    ...database,
    address: config.MYSQL_ADDRESS,
    name: config.DATABASE,
    user: appId,
    password: await readSecret(dapr.client, `mysql-password-${appId}`),
    poolSize: config.MYSQL_POOL_SIZE,
    log,
  })
}

/**
 * The declared operations and events, each with the function that takes it.
 *
 * @throws Error naming handlers of events that are not declared: those would never arrive
 */
function serve({ contract, subscribes = [] }: ServiceDeclaration, { operations, handlers }: AnyParts): Served {
  const topics = new Set(subscribes.map((entry) => eventOf(entry).topic))
  const undeclared = Object.keys(handlers ?? {}).filter((topic) => !topics.has(topic))
  if (undeclared.length > 0) throw new Error(`service.ts does not declare ${undeclared.join(', ')} in subscribes`)
  return {
    router: contract && operations && createRouter(contract, operations),
    subscriptions: subscribes.map((entry) =>
      'event' in entry
        ? { event: entry.event, handleBatch: handlers?.[entry.event.topic] as BatchHandler<typeof entry.event> }
        : { event: entry, handler: handlers?.[entry.topic] as EventHandler<typeof entry> },
    ),
  }
}

async function listen(app: Express, config: ServiceConfig): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 65_000 }, app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.APP_PORT, config.APP_HOST, resolve)
  })
  return server
}

/**
 * Stops accepting and waits for running requests; closes keep-alive connections once they are idle.
 */
export async function closeServer(server: Server): Promise<void> {
  const closed = promisify(server.close.bind(server))()
  const closing = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS)
  server.closeIdleConnections()
  await closed.finally(() => clearInterval(closing))
}

function stopOnSignal(log: Logger, stop: () => Promise<void>): void {
  let isStopping = false
  const onSignal = (signal: string) => {
    if (isStopping) return
    isStopping = true
    log.info({ signal }, 'stopping')
    stop().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, 'stopping failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
