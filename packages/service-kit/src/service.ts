import { timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { flushCompileCache } from 'node:module'
import { promisify } from 'node:util'
import type { AnyContractRouter } from '@orpc/contract'
import { type AnyRouter, implement } from '@orpc/server'
import express, { type Express, type RequestHandler } from 'express'
import type { z } from 'zod'
import type { BatchSubscription } from './batches.ts'
import { BaseConfig, ConfigError, DatabaseConfig, loadConfig, redactConfig } from './config.ts'
import { type Database, type DatabaseDefinition, openDatabase } from './database/database.ts'
import { housekeepingWorker } from './database/housekeeping.ts'
import { OutboxRelay } from './database/relay.ts'
import { DeadLetters } from './dead-letters.ts'
import { ServiceError } from './errors.ts'
import { errorHandler, measureRequests, mountRouter, notFoundHandler, sendRefusal } from './http.ts'
import { IDEMPOTENCY_HEADER, type OperationContext, readIdentity } from './identity.ts'
import { createServiceClient, type ServiceClient } from './invoke.ts'
import { createLogger, type Logger } from './log.ts'
import { register, startRuntimeMetrics } from './metrics.ts'
import { Sidecar } from './sidecar.ts'
import { StateStore } from './state.ts'
import { type Subscription, subscriptionRoutes } from './subscriptions.ts'
import { shutdownTelemetry } from './telemetry.ts'
import type { Worker } from './workers.ts'

const CLOSE_IDLE_EVERY_MS = 50

/** What the kit gives to a service. */
export interface Kit<Config = BaseConfig> {
  config: Readonly<Config & BaseConfig>
  log: Logger
  sidecar: Sidecar
  state: StateStore
  /** The value of a secret from the Dapr secret store. */
  secret(name: string): Promise<string>
  /** A typed client of another service. */
  client<Contract extends AnyContractRouter>(appId: string, contract: Contract): ServiceClient<Contract>
}

/** What a service gives to the kit. */
export interface ServiceParts {
  /** Implementation of the service's contract, made with `operations(contract)`. */
  operations?: AnyRouter
  subscriptions?: (Subscription | BatchSubscription)[]
  /** Started in this order after the app port listens, stopped in reverse. */
  workers?: Worker[]
}

export interface ServiceDefinition<Schema extends z.ZodObject> {
  /** The service's own variables, beside those of the kit. */
  config: Schema
  createApp(kit: Kit<z.infer<Schema>>): Promise<ServiceParts> | ServiceParts
}

export interface DatabaseServiceDefinition<Schema extends z.ZodObject> {
  config: Schema
  database: DatabaseDefinition
  createApp(kit: Kit<z.infer<Schema>> & { database: Database }): Promise<ServiceParts> | ServiceParts
}

/** Begins the implementation of a contract: `operations(userContract).router({…})`. */
export function operations<Contract extends AnyContractRouter>(contract: Contract) {
  return implement(contract).$context<OperationContext>()
}

/**
 * Boots a service and runs it until SIGTERM or SIGINT: configuration, sidecar, secrets, database with migrations, the app port
 * with operations and subscriptions, the outbox relay, workers. A start that fails prints one clear line and exits with 1.
 */
export async function startService<Schema extends z.ZodObject>(
  definition: ServiceDefinition<Schema> | DatabaseServiceDefinition<Schema>,
): Promise<void> {
  let log = createLogger({ appId: process.env.APP_ID ?? 'unknown', level: process.env.LOG_LEVEL ?? 'info' })
  try {
    const config = { ...loadConfig(definition.config, process.env), ...loadConfig(BaseConfig, process.env) }
    log = createLogger({ appId: config.APP_ID, level: config.LOG_LEVEL })
    log.info({ config: redactConfig(config) }, 'starting')
    await run(definition as DatabaseServiceDefinition<Schema>, config as never, log)
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`)
    else log.fatal({ err: error }, 'the service could not start')
    process.exit(1)
  }
}

async function run<Schema extends z.ZodObject>(
  definition: DatabaseServiceDefinition<Schema>,
  config: BaseConfig & z.infer<Schema>,
  log: Logger,
): Promise<void> {
  startRuntimeMetrics(config.APP_ID)
  if (!config.APP_API_TOKEN) log.warn('APP_API_TOKEN is not set: anybody on this machine can call the app port')
  const sidecar = new Sidecar({ port: config.DAPR_HTTP_PORT, apiToken: config.DAPR_API_TOKEN })
  await sidecar.waitUntilReady({ timeoutMs: 60_000 })
  const database = definition.database ? await connect(definition.database, { config, sidecar, log }) : undefined
  const kit: Kit<z.infer<Schema>> = {
    config,
    log,
    sidecar,
    state: new StateStore(sidecar),
    secret: (name) => sidecar.secret(name),
    client: (appId, contract) => createServiceClient(contract, { appId, sidecar }),
  }
  const parts = await definition.createApp({ ...kit, database: database as Database })
  const health = { isServing: false }
  const server = await listen(createAppPort(parts, { config, log, health, sidecar }), config)
  const relay = database ? new OutboxRelay({ database, sidecar, log, appId: config.APP_ID }) : undefined
  const housekeeping = database ? housekeepingWorker(database, log) : undefined
  relay?.start()
  housekeeping?.start()
  for (const worker of parts.workers ?? []) await worker.start()
  health.isServing = true
  log.info({ port: config.APP_PORT }, 'serving')
  // Node would write it at a clean exit only, and the next start may follow a crash.
  flushCompileCache()
  stopOnSignal(log, async () => {
    health.isServing = false
    await closeServer(server)
    for (const worker of [...(parts.workers ?? [])].reverse()) await worker.stop()
    await housekeeping?.stop()
    await relay?.stop()
    await database?.close()
    await sidecar.close()
    await shutdownTelemetry()
  })
}

async function connect(
  definition: DatabaseDefinition,
  options: { config: BaseConfig; sidecar: Sidecar; log: Logger },
): Promise<Database> {
  const settings = loadConfig(DatabaseConfig, process.env)
  return openDatabase({
    ...definition,
    address: settings.MYSQL_ADDRESS,
    name: settings.DATABASE,
    user: options.config.APP_ID,
    password: await options.sidecar.secret(`mysql-password-${options.config.APP_ID}`),
    poolSize: settings.MYSQL_POOL_SIZE,
    log: options.log,
  })
}

/** The Express app the sidecar talks to: health and metrics for probes, the rest only for who shows the app token. */
function createAppPort(
  parts: ServiceParts,
  options: { config: BaseConfig; log: Logger; health: { isServing: boolean }; sidecar: Sidecar },
): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.get('/healthz', (_request, response) => {
    response
      .status(options.health.isServing ? 200 : 503)
      .json({ status: options.health.isServing ? 'serving' : 'not serving' })
  })
  app.get('/metrics', async (_request, response) => {
    response.type(register.contentType).send(await register.metrics())
  })
  app.use(measureRequests)
  if (options.config.APP_API_TOKEN) app.use(requireToken(options.config.APP_API_TOKEN))
  const { config, log, sidecar } = options
  const deadLetters = new DeadLetters({ sidecar, appId: config.APP_ID, log })
  app.use(subscriptionRoutes(parts.subscriptions ?? [], { log, deadLetters }))
  if (parts.operations) {
    app.use('/internal', express.json({ limit: '1mb' }))
    app.use(mountRouter(parts.operations, { log: options.log, createContext: readContext, sendError: sendRefusal }))
  }
  app.use(notFoundHandler, errorHandler(options.log))
  return app
}

function readContext(request: express.Request): OperationContext {
  const key = request.headers[IDEMPOTENCY_HEADER]
  return { identity: readIdentity(request.headers), idempotencyKey: typeof key === 'string' ? key : undefined }
}

/** Lets in only who comes through the own sidecar (https://docs.dapr.io, app API token). */
function requireToken(token: string): RequestHandler {
  const expected = Buffer.from(token)
  return (request, _response, next) => {
    const shown = Buffer.from(String(request.headers['dapr-api-token'] ?? ''))
    if (shown.length === expected.length && timingSafeEqual(shown, expected)) return next()
    throw new ServiceError('unauthenticated')
  }
}

async function listen(app: Express, config: BaseConfig): Promise<Server> {
  const server = createServer({ keepAliveTimeout: 65_000 }, app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(config.APP_PORT, config.APP_HOST, resolve)
  })
  return server
}

/** Stops accepting and waits for what is running; keep-alive connections are closed, also those that become idle later. */
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
