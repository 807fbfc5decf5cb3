import type { MySqlConnection } from '@mikro-orm/mysql'
import type { PoolConnection } from 'mysql2'

type Pool = Awaited<ReturnType<MySqlConnection['getNativeClient']>>
type Acquired = Parameters<Pool['getConnection']>[0]

/** Timeout of a statement; a longer one waits for a server or network that does not answer. */
const STATEMENT_TIMEOUT_MS = 5_000
/** Longest wait for a connection; less than the two seconds of the caller's sidecar. */
const ACQUIRE_TIMEOUT_MS = 1_200

/** MySQL counts whole seconds; its own 50 would keep a connection for each caller that has left. */
const LOCK_WAIT_SECONDS = 1

/** No connection in time: all of them are busy, or their server does not answer. */
export class PoolTimeout extends Error {
  override name = 'PoolTimeout'
  readonly code = 'POOL_TIMEOUT'
}

/**
 * Gives a pool the deadlines that mysql2 lacks (docs/decisions/0014). A hanging server would keep
 * every connection for as long as TCP does, while callers queue without end.
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

/** Destroys a connection after a timeout: the late answer would go to the next statement. */
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

/** Codes of mysql2 and the operating system for a server that is unreachable or does not answer. */
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

/**
 * Whether a database error, plain or wrapped by MikroORM, means that the server does not answer.
 */
export function isDatabaseAbsent(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  // Statements on a connection that broke in the middle of a transaction fail without a code.
  return ABSENT.has(String(code)) || /in closed state$/.test(String(message))
}
