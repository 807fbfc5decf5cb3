export { sql } from 'kysely'
export { traced, untraced } from './background.ts'
export type { BatchHandler, Delivery } from './batches.ts'
export { BoundedQueue } from './bounded-queue.ts'
export { type BulkheadOptions, Bulkheads } from './bulkheads.ts'
export type { VersionedRecord } from './cache/record.ts'
export { type CacheRedis, connectCacheRedis } from './cache/stored-records.ts'
export { VersionedCache } from './cache/versioned-cache.ts'
export { chunksOf } from './chunks.ts'
export {
  Address,
  BaseConfig,
  ConfigError,
  commaList,
  DatabaseConfig,
  LogLevel,
  loadConfig,
  RedisConfig,
  serviceConfig,
  TelemetryConfig,
} from './config.ts'
export { type IdCursor, idCursor } from './cursor.ts'
export { connectDapr, type Dapr } from './dapr/client.ts'
export { type CallContext, createServiceClient, type ServiceClient } from './dapr/invoke.ts'
export { PUBSUB, Publisher } from './dapr/publish.ts'
export { readSecret } from './dapr/secrets.ts'
export { SidecarError } from './dapr/sidecar-error.ts'
export { StateStore, type Versioned } from './dapr/state.ts'
export { DeadlineTransport } from './dapr/transport.ts'
export { callMark, hasMark, withMark } from './database/call-marks.ts'
export { column } from './database/columns.ts'
export {
  type Database,
  type DatabaseDefinition,
  type EntityManager,
  openDatabase,
} from './database/database.ts'
export { deleteInPieces } from './database/delete-in-pieces.ts'
export { describeTables, type TableDescription } from './database/describe-tables.ts'
export { type KeyedCall, runManyOnce, runOnce } from './database/idempotency.ts'
export { applyBatchOnce, applyOnce } from './database/inbox.ts'
export { hasAnyKey, insertAll, writeAll } from './database/keyed-rows.ts'
export { columnsOf, type Db, expressionsOver, kysely } from './database/kysely.ts'
export { newest } from './database/newest.ts'
export { addToOutbox } from './database/outbox.ts'
export { type Param, prepare, prepareForAll, prepareForEach } from './database/prepare.ts'
export { readThenChange } from './database/read-then-change.ts'
export { kitTables } from './database/tables.ts'
export { DEAD_LETTER_ROUTE } from './dead-letters.ts'
export {
  type BatchedEvent,
  defineService,
  eventOf,
  inBatches,
  type ServiceDeclaration,
  type ServiceParts,
} from './declaration.ts'
export { eventRoute, type Handled, PoisonEvent, parseEvent } from './deliveries.ts'
export { fromProblem, hasCode, ServiceError, toProblem, toServiceError } from './errors.ts'
export { foldText } from './fold-text.ts'
export { Gatherer, type GathererOptions } from './gatherer.ts'
export { type GroupedCall, grouped } from './grouped.ts'
export {
  errorHandler,
  type MountOptions,
  measureRequests,
  mountRouter,
  noteFailure,
  notFoundHandler,
  sendProblem,
} from './http.ts'
export { type Identity, type OperationContext, requireIdentity, requireOperator } from './identity.ts'
export { IdGenerator } from './ids.ts'
export { KeptReading } from './kept-reading.ts'
export type { ClientOf, ConfigOf, Kit } from './kit.ts'
export { createLogger, currentTraceId, type Logger } from './log.ts'
export { LOG_LEVEL_ROUTE } from './log-level.ts'
export { Counter, Gauge, Histogram } from './metrics.ts'
export { createRouter, type Operations } from './operations.ts'
export { type Page, page, walkAll } from './page.ts'
export { connectRedis, fromRedis, type RedisConnectionOptions } from './redis.ts'
export { inRounds } from './rounds.ts'
export { RunningCalls } from './running-calls.ts'
export { type CreateApp, closeServer, startService } from './service.ts'
export type { EventHandler } from './subscriptions.ts'
export { leaveUntraced } from './telemetry.ts'
export { KnownUserEntity } from './users/known-user.entity.ts'
export { KnownUsers20261127, KnownUsers20261128 } from './users/known-user.migration.ts'
export { type GetProfiles, type JoinedUser, KnownUsers, knownUserColumns } from './users/known-users.ts'
export { isJoinedShown, isShown } from './users/shown-users.ts'
export { SensitiveWords, SensitiveWordsConfig } from './words/sensitive-words.ts'
export { RepeatingWorker, type RepeatingWorkerOptions, type Worker } from './workers.ts'
