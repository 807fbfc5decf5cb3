import type { Constructor, EntitySchema } from '@mikro-orm/core'
import { type Migration, Migrator } from '@mikro-orm/migrations'
import { type EntityManager, MikroORM } from '@mikro-orm/mysql'
import { ServiceError } from '../errors.ts'
import { IdGenerator } from '../ids.ts'
import type { Logger } from '../log.ts'
import { factsCommitted } from '../metrics.ts'
import { boundPool } from './bounded-pool.ts'
import { withOutbox } from './outbox.ts'
import { withServerLock } from './server-lock.ts'
import { kitTables } from './tables.ts'
import { WorkerLease } from './worker-lease.ts'

export type { EntityManager } from '@mikro-orm/mysql'

const CONNECT_TIMEOUT_MS = 2_000
/** After this long a transaction that met a lock is not tried again: callers' sidecars wait 2 s. */
const CONTENTION_MS = 800

/** What a service says about its database. */
export interface DatabaseDefinition {
  entities: EntitySchema[]
  /** In the order they are applied. Never edited once they are on main. */
  migrations: Constructor<Migration>[]
}

export interface DatabaseOptions extends DatabaseDefinition {
  address: string
  /** Name of the database. */
  name: string
  user: string
  password: string
  poolSize: number
  log: Logger
}

/** A service's own database. */
export class Database {
  readonly orm: MikroORM
  readonly ids: IdGenerator
  readonly #lease: WorkerLease
  /** Called after every committed `transaction` that has put events into the outbox. */
  onEvents: () => void = () => {}

  constructor(orm: MikroORM, lease: WorkerLease) {
    this.orm = orm
    this.#lease = lease
    this.ids = new IdGenerator(() => lease.worker)
  }

  /** A fresh unit of work: one for each request, event and job. */
  em(): EntityManager {
    return this.orm.em.fork() as EntityManager
  }

  /** A new time-ordered id, unique within this service. */
  newId(): number {
    return this.ids.next()
  }

  /**
   * Runs `work` in one transaction of a fresh unit of work, and again from the start (at most 5
   * times) after a deadlock or lock wait.
   *
   * @throws ServiceError `unavailable` with a retry time if others hold the same rows for too long.
   *   It comes before the caller's sidecar gives up, so it opens no breaker for other rows
   */
  async transaction<Result>(work: (em: EntityManager) => Promise<Result>): Promise<Result> {
    const giveUpAt = performance.now() + CONTENTION_MS
    for (let attempt = 1; ; attempt++) {
      try {
        // A separate unit of work, because a caller's server lock is a transaction too.
        const { result, facts } = await this.em().transactional((em) => withOutbox(em as EntityManager, work))
        for (const fact of facts) factsCommitted.inc(fact)
        if (facts.length > 0) this.onEvents()
        return result
      } catch (error) {
        if (!isTransient(error)) throw error
        if (attempt === 5 || performance.now() > giveUpAt)
          throw new ServiceError('unavailable', {
            detail: 'Others are changing the same thing',
            retryAfterSeconds: 1,
            cause: error,
          })
      }
    }
  }

  /**
   * Does `work` unless another instance of the service holds the lock of this name.
   *
   * @returns whether it was done
   */
  withLock(name: string, work: () => Promise<unknown>): Promise<boolean> {
    return withServerLock(this.orm, { name, waitSeconds: 0 }, work)
  }

  async close(): Promise<void> {
    await this.#lease.release()
    await this.orm.close()
  }
}

/** What a transaction throws to begin again: others have changed what it relies on. */
export class TransactionConflict extends Error {
  override name = 'TransactionConflict'
}

/**
 * Besides conflicts MySQL's 1205 (lock wait timeout) and 1213 (deadlock): the transaction was
 * rolled back and can run again.
 */
function isTransient(error: unknown): boolean {
  if (error instanceof TransactionConflict) return true
  const code =
    (error as { errno?: unknown; cause?: { errno?: unknown } } | undefined)?.errno ??
    (error as { cause?: { errno?: unknown } })?.cause?.errno
  return code === 1205 || code === 1213
}

/** Connects, applies pending migrations (one instance at a time), and leases a worker number. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const orm = await connect(options)
  await migrate(orm)
  // Not before: a migration may take its time.
  boundPool(await orm.em.getConnection().getNativeClient())
  const lease = await WorkerLease.acquire(orm.em, options.log)
  return new Database(orm, lease)
}

/** Applies pending migrations as `openDatabase` does, and nothing else. */
export async function migrateDatabase(options: DatabaseOptions): Promise<void> {
  const orm = await connect(options)
  await migrate(orm).finally(() => orm.close())
}

function connect(options: DatabaseOptions): Promise<MikroORM> {
  const [host, port] = options.address.split(':') as [string, string]
  const migrations = [...kitTables.migrations, ...options.migrations]
  return MikroORM.init({
    extensions: [Migrator],
    entities: [...kitTables.entities, ...options.entities],
    host,
    port: Number(port),
    user: options.user,
    password: options.password,
    dbName: options.name,
    timezone: 'Z',
    charset: 'utf8mb4',
    collate: 'utf8mb4_bin',
    pool: { min: 1, max: options.poolSize },
    // Times are Dates in plain rows too.
    driverOptions: { connectTimeout: CONNECT_TIMEOUT_MS, dateStrings: false },
    migrations: {
      snapshot: false,
      migrationsList: migrations.map((migration) => ({ name: migration.name, class: migration })),
    },
    logger: (message) => options.log.debug({ orm: message }, 'orm'),
  })
}

/**
 * Applies pending migrations under a server lock, so that instances starting together take turns.
 */
async function migrate(orm: MikroORM): Promise<void> {
  const hadLock = await withServerLock(orm, { name: 'migrations', waitSeconds: 60 }, () => orm.migrator.up())
  if (!hadLock) throw new Error('another instance has been migrating for 60 s')
}
