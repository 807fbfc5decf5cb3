import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { execa } from 'execa'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'

/** The database server of an installation, as root. */
export interface Server {
  port: number
  password: string
}

/** How long running statements and the dump's begin may keep everybody's commits waiting. */
const LOCK_WAIT_SECONDS = 2
const LOCKED_MS = 5_000
const ATTEMPTS = 5
const PAUSE_MS = 3_000
/** The server lets go of the lock itself where this process hangs. */
const IDLE_SECONDS = 15

export const connectTo = ({ port, password }: Server): Promise<Connection> =>
  createConnection({ host: '127.0.0.1', port, user: 'root', password, timezone: 'Z' })

interface Moment<Noted, Read> {
  server: Server
  databases: readonly string[]
  /** Where the compressed dump goes. */
  file: string
  /** Done while no transaction can commit. */
  whileLocked: () => Promise<Noted>
  /** Reads the same moment as the dump does. */
  inSnapshot: (connection: Connection) => Promise<Read>
}

interface Dumped<Noted, Read> {
  noted: Noted
  read: Read
  lockedMs: number
  takenAt: Date
}

/** The moment would have kept everybody waiting for too long. */
class MomentMissed extends Error {
  override name = 'MomentMissed'
}

/**
 * Dumps the databases as they are at one moment. At that moment no transaction can commit, for some
 * tenths of a second; a moment that would last too long is given up for a later one.
 *
 * @throws Error where no moment was short enough, or the dump fails
 */
export async function dumpDatabases<Noted, Read>(options: Moment<Noted, Read>): Promise<Dumped<Noted, Read>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await dumpAtMoment(options)
    } catch (error) {
      const isLast = attempt === ATTEMPTS
      if (isLast || !(error instanceof MomentMissed))
        throw new Error(`${options.file} could not be written: ${(error as Error).message}`, { cause: error })
      await sleep(PAUSE_MS)
    }
  }
}

async function dumpAtMoment<Noted, Read>(options: Moment<Noted, Read>): Promise<Dumped<Noted, Read>> {
  const [lock, snapshot] = [await connectTo(options.server), await connectTo(options.server)]
  const abort = new AbortController()
  let finished: Promise<void> | undefined
  try {
    await takeLock(lock)
    const lockedAt = performance.now()
    const takenAt = new Date()
    await snapshot.query('set session transaction isolation level repeatable read')
    await snapshot.query('start transaction with consistent snapshot')
    const dump = startDump({ ...options, signal: abort.signal })
    finished = dump.finished
    const noted = await within(LOCKED_MS, dump.hasBegun.then(options.whileLocked))
    await lock.query('unlock tables')
    const lockedMs = Math.round(performance.now() - lockedAt)
    const [read] = await Promise.all([options.inSnapshot(snapshot), dump.finished])
    return { noted, read, lockedMs, takenAt }
  } finally {
    abort.abort()
    lock.destroy()
    snapshot.destroy()
    // The next attempt writes the same file.
    await finished?.catch(() => {})
  }
}

/**
 * Does `work` unless a backup of this server is being taken already.
 *
 * @throws Error if one is
 */
export async function aloneWith<Result>(server: Server, work: () => Promise<Result>): Promise<Result> {
  const connection = await connectTo(server)
  try {
    const [rows] = await connection.query<RowDataPacket[]>("select get_lock('fanone backup', 0) as is_ours")
    if (rows[0]?.is_ours !== 1) throw new Error('Another backup is being taken')
    return await work()
  } finally {
    connection.destroy()
  }
}

/** Holds up every commit. */
async function takeLock(connection: Connection): Promise<void> {
  // The server ends the connection of a process that hangs; `unlock tables` then tells.
  connection.on('error', () => {})
  await connection.query(`set session lock_wait_timeout = ${LOCK_WAIT_SECONDS}, wait_timeout = ${IDLE_SECONDS}`)
  await connection.query('flush tables with read lock').catch((cause) => {
    throw new MomentMissed(`statements that run for long held it up (${cause.message})`, { cause })
  })
}

function startDump(options: { server: Server; databases: readonly string[]; file: string; signal: AbortSignal }): {
  hasBegun: Promise<void>
  finished: Promise<void>
} {
  const { server, databases, signal } = options
  const program = execa(
    'mariadb-dump',
    [
      '--no-defaults',
      ...clientOptions(server),
      '--single-transaction',
      '--hex-blob',
      '--no-tablespaces',
      '--default-character-set=utf8mb4',
      '--databases',
      ...databases,
    ],
    { env: environment(server), encoding: 'buffer', buffer: { stdout: false }, cancelSignal: signal },
  )
  const hasBegun = Promise.withResolvers<void>()
  let head = ''
  // It writes of a database only after its transaction has begun.
  program.stdout.on('data', (chunk: Buffer) => {
    if (head.length > 65_536) return
    head += chunk.toString('latin1')
    if (head.includes('CREATE DATABASE')) hasBegun.resolve()
  })
  const written = pipeline(program.stdout, createGzip({ level: 6 }), createWriteStream(options.file, { mode: 0o600 }))
  const finished = Promise.all([program, written]).then(() => {})
  finished.then(() => hasBegun.resolve(), hasBegun.reject)
  return { hasBegun: hasBegun.promise, finished }
}

/** Runs a dump on a server. @throws Error with what the client says */
export async function loadDump(server: Server, file: string): Promise<void> {
  const program = execa(
    'mariadb',
    ['--no-defaults', ...clientOptions(server), '--default-character-set=utf8mb4', '--binary-mode'],
    { env: environment(server) },
  )
  await Promise.all([pipeline(createReadStream(file), createGunzip(), program.stdin), program])
}

/** The rows of every table of a database, by name. */
export async function countRows(connection: Connection, database: string): Promise<Record<string, number>> {
  const [tables] = await connection.query<RowDataPacket[]>(
    "select table_name as name from information_schema.tables where table_schema = ? and table_type = 'BASE TABLE' order by table_name",
    [database],
  )
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const [rows] = await connection.query<RowDataPacket[]>('select count(*) as count from ??.??', [database, name])
    counts[name] = Number(rows[0]?.count)
  }
  return counts
}

/** The migrations that a database has had, in their order. */
export async function appliedMigrations(connection: Connection, database: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>('select name from ??.mikro_orm_migrations order by id', [
    database,
  ])
  return rows.map(({ name }) => name as string)
}

const clientOptions = ({ port }: Server) => ['--host=127.0.0.1', `--port=${port}`, '--user=root', '--protocol=tcp']
/** Not among the arguments, which everybody can read. */
const environment = ({ password }: Server) => ({ MYSQL_PWD: password })

async function within<Result>(ms: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MomentMissed(`it did not begin within ${ms / 1_000} s, and commits wait`)), ms)
  })
  return await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
