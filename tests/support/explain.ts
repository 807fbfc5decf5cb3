import type { Database } from '@fanone/service-kit'

/** A statement that a service sent, and how the server would run it. */
export interface Explained {
  sql: string
  plan: PlanRow[]
}

/** A line of EXPLAIN, as MySQL and MariaDB both write it. */
interface PlanRow {
  table: string | null
  /**
   * How MySQL finds rows: `const`, `ref` and `range` by a key, `index` reads a whole key, `ALL` the
   * whole table.
   */
  type: string | null
  key: string | null
  rows: number | null
  Extra: string | null
}

interface Sent {
  sql: string
  values: unknown[]
}

type Query = (sql: unknown, ...rest: unknown[]) => unknown
interface Connection {
  query: Query
}
interface Pool {
  getConnection(acquired: (error: unknown, connection?: Connection) => void): void
}

/**
 * Explains the statements of `work`: reads, and changes that have to find rows. The tables must be
 * large enough for a scan to be dearer than a key, or the server is right to scan.
 */
export async function explainQueries(database: Database, work: () => Promise<unknown>): Promise<Explained[]> {
  const pool = (await database.orm.em.getConnection().getNativeClient()) as unknown as Pool
  const sent = new Map<string, Sent>()
  const stop = record(pool, (query) => sent.set(shapeOf(query.sql), query))
  try {
    await work()
  } finally {
    stop()
  }
  const finding = [...sent.values()].filter(({ sql }) => /^\s*(\(?select|update|delete)\b/i.test(sql))
  const explained: Explained[] = []
  for (const { sql, values } of finding) {
    const plan = await database.em().execute<PlanRow[]>(`explain ${sql}`, values as never)
    explained.push({ sql, plan })
  }
  return explained
}

/** The statements that look at more than they have to, with the reason. */
export function wastefulQueries(explained: Explained[]): string[] {
  return explained.flatMap(({ sql, plan }) => {
    const reasons = plan.flatMap((row) => wasteOf(sql, row))
    return reasons.length === 0 ? [] : [`${reasons.join(', ')}: ${sql.replace(/\s+/g, ' ')}`]
  })
}

function wasteOf(sql: string, { table, type, Extra }: PlanRow): string[] {
  const reasons: string[] = []
  if (type === 'ALL') reasons.push(`full scan of ${table}`)
  // In the order of a key up to a limit is no scan, unless a condition has to be met on the way.
  const isBounded = /\blimit\b/i.test(sql) && !/\bwhere\b/i.test(sql)
  if (type === 'index' && !isBounded) reasons.push(`scan of a whole key of ${table}`)
  if (/using filesort/i.test(Extra ?? '')) reasons.push(`sorts ${table}`)
  if (/using temporary/i.test(Extra ?? '')) reasons.push('needs a temporary table')
  return reasons
}

/** Statements that differ in their values only are one. */
const shapeOf = (sql: string) => sql.replace(/'[^']*'|\b\d+\b/g, '?').replace(/\?(\s*,\s*\?)+/g, '?')

/** @returns what ends it */
function record(pool: Pool, note: (query: Sent) => void): () => void {
  const { getConnection } = pool
  const changed = new Map<Connection, Query>()
  pool.getConnection = (acquired) =>
    getConnection.call(pool, (error, connection) => {
      if (connection && !changed.has(connection)) {
        const { query } = connection
        changed.set(connection, query)
        connection.query = (sql, ...rest) => {
          if (typeof sql === 'string') note({ sql, values: Array.isArray(rest[0]) ? rest[0] : [] })
          return query.call(connection, sql, ...rest)
        }
      }
      acquired(error, connection)
    })
  return () => {
    pool.getConnection = getConnection
    for (const [connection, query] of changed) connection.query = query
  }
}
