import { createHash } from 'node:crypto'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { writtenBase } from './ports.ts'

/** Linux and macOS refuse longer socket paths (sun_path holds 104 to 108 bytes). */
const longestSocketPath = 100

/** Where this stack lives and which ports it uses; everything else follows from it. */
export interface Settings {
  /** The checkout. */
  readonly root: string
  /** What this installation keeps: secrets, data, logs, run. */
  readonly home: string
  /** What can be fetched again: daprd, Kafka, Zipkin. Shared by all checkouts. */
  readonly cache: string
  readonly daprYaml: string
  readonly portBase: number
  /** Overrides only the public port. */
  readonly httpPort: number | undefined
  /** Toxiproxy stands before MySQL, Redis and Kafka, for tests of a network that fails. */
  readonly toxiproxy: boolean
  /** Media live in S3, on a server of the stack. */
  readonly s3: boolean
  /** Pictures can be searched: with Milvus and a model. */
  readonly imageSearch: boolean
}

/**
 * Reads FANONE_HOME, FANONE_CACHE, FANONE_PORT_BASE, FANONE_HTTP_PORT, FANONE_DAPR_YAML,
 * FANONE_TOXIPROXY, STORAGE and IMAGE_SEARCH.
 *
 * @throws Error in one line when a number is not a usable port
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const root = resolve(import.meta.dirname, '../..')
  const cacheHome = env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return {
    root,
    home: resolve(root, env.FANONE_HOME || '.fanone'),
    cache: resolve(env.FANONE_CACHE || join(cacheHome, 'fanone')),
    daprYaml: resolve(root, env.FANONE_DAPR_YAML || 'dapr.yaml'),
    portBase: readPort('FANONE_PORT_BASE', env) ?? writtenBase,
    httpPort: readPort('FANONE_HTTP_PORT', env),
    toxiproxy: env.FANONE_TOXIPROXY === '1',
    s3: env.STORAGE === 's3',
    imageSearch: env.IMAGE_SEARCH !== 'off',
  }
}

function readPort(name: string, env: NodeJS.ProcessEnv): number | undefined {
  const value = env[name]
  if (!value) return undefined
  const port = Number(value)
  if (Number.isInteger(port) && port >= 1 && port <= 64_000) return port
  throw new Error(`${name} must be a whole number from 1 to 64000, not "${value}"`)
}

/** Files and folders of one stack. */
export function stackPaths(settings: Settings) {
  const { home } = settings
  const run = join(home, 'run')
  return {
    run,
    data: join(home, 'data'),
    logs: join(home, 'logs'),
    secretsFolder: join(home, 'secrets'),
    secrets: join(home, 'secrets/secrets.json'),
    processes: join(run, 'processes.json'),
    socket: socketPath(join(run, 'supervisor.sock')),
    codes: join(run, 'codes.jsonl'),
    /** How far dead letters were replayed: offsets, which mean nothing in another Kafka. */
    replayed: join(run, 'replayed-dead-letters.json'),
    backups: join(home, 'backups'),
    /** A home in the home, where a restore puts together what takes the place of the data. */
    restoring: join(home, 'restoring'),
    log: (part: string) => join(home, 'logs', `${part}.log`),
  }
}

/** The path, or a short unique one in the temporary folder if it is too long for a socket. */
export function socketPath(path: string): string {
  if (Buffer.byteLength(path) <= longestSocketPath) return path
  return join(tmpdir(), `fanone-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.sock`)
}
