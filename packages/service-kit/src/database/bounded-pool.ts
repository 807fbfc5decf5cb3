import type { MySqlConnection } from '@mikro-orm/mysql'
import type { PoolConnection } from 'mysql2'

type Pool = Awaited<ReturnType<MySqlConnection['getNativeClient']>>
type Acquired = Parameters<Pool['getConnection']>[0]

/** What a statement may take; what takes longer waits for a server or a network that does not answer. */
const STATEMENT_TIMEOUT_MS = 5_000
/** What a caller may wait for a connection: less than the two seconds that its caller's sidecar grants. */
const ACQUIRE_TIMEOUT_MS = 1_200

/** MySQL counts whole seconds; its own 50 would keep a connection for each caller that has left. */
const LOCK_WAIT_SECONDS = 1

/** No connection in time: all of them are busy, or their server does not answer. */
export class PoolTimeout extends Error {
  override name = 'PoolTimeout'
  readonly code = 'POOL_TIMEOUT'
}

/**
 * Gives a pool the two deadlines that mysql2 does not have. A server that hangs would otherwise keep every connection for as long as
 * TCP does, while those who want one stand in line without end, for callers that have left long ago.
 */
export function boundPool(pool: Pool): void {
  const getConnection = pool.getConnection.bind(pool)
  const bounded = new WeakSet<PoolConnection>()
  pool.getConnection = (acquired: Acquired) => {
    let isGivenUp = false
    const giveUp = setTimeout(() => {
      isGivenUp = true
      acquired(new PoolTimeout('no connection to MySQL in time') as never, undefined as never)
    }, ACQUIRE_TIMEOUT_MS)
    getConnection((error, connection) => {
      clearTimeout(giveUp)
      if (isGivenUp) return connection?.release()
      if (connection && !bounded.has(connection)) {
        bounded.add(connection)
        // A failure of this shows in the statement behind it.
        connection.query(`set innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS}`, () => {})
        boundStatements(connection)
      }
      acquired(error, connection)
    })
  }
}

/** A connection that did not answer in time is of no use any more: its answer may still come, to somebody else's question. */
function boundStatements(connection: PoolConnection): void {
  const query = connection.query.bind(connection) as (
    options: object,
    done?: (...results: unknown[]) => void,
  ) => unknown
  const boundQuery = (sql: string, values: unknown, done?: (...results: unknown[]) => void) =>
    query({ sql, values, timeout: STATEMENT_TIMEOUT_MS }, (error: unknown, ...results) => {
      if ((error as { code?: string } | null)?.code === 'PROTOCOL_SEQUENCE_TIMEOUT') connection.destroy()
      done?.(error, ...results)
    })
  connection.query = boundQuery as never
}

/** Codes of mysql2 and the operating system for a server that is not there, went away or does not answer. */
const ABSENT = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'POOL_TIMEOUT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
])

/** Whether an error of the database, as it is or as MikroORM wraps it, means that the server does not answer. */
export function isDatabaseAbsent(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  // What is asked of a connection that broke in the middle of a transaction has no code of its own.
  return ABSENT.has(String(code)) || /in closed state$/.test(String(message))
}
