import { once } from 'node:events'
import { Redis, type RedisOptions } from 'ioredis'
import { ServiceError } from './errors.ts'
import type { Logger } from './log.ts'
import { watchedScript } from './watched-script.ts'

const FIRST_CONNECTION_MS = 1_000

export interface RedisConnectionOptions {
  /** `host:port`, or the path of a unix socket. */
  address: string
  password?: string | undefined
  log: Logger
  /** Timeout of a command. */
  commandTimeoutMs?: number
  scripts?: RedisOptions['scripts']
  /** Before every key, also those of scripts, for which it cannot be set later. */
  keyPrefix?: string
  /** See `REDIS_SCRIPT_LIMIT_MS`; 0 for never. */
  scriptLimitMs?: number
}

/**
 * A direct connection to Redis, for structures that Dapr's state API lacks. It reconnects for ever;
 * without a connection commands fail at once, so nothing queues without bound.
 */
export function connectRedis(options: RedisConnectionOptions): Redis {
  const { address, password, commandTimeoutMs = 1_000 } = options
  const scripts = watched(options)
  const [host = '', port] = address.split(':')
  const redis = new Redis({
    ...(port === undefined ? { path: host } : { host, port: Number(port) }),
    ...(password === undefined ? {} : { password }),
    ...(scripts === undefined ? {} : { scripts }),
    keyPrefix: options.keyPrefix ?? '',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    commandTimeout: commandTimeoutMs,
    socketTimeout: 5_000,
    retryStrategy: (attempt) => Math.min(attempt * 50, 500) + Math.random() * 50,
  })
  logConnection(redis, options.log)
  return redis
}

/**
 * Waits for the first connection, so that the first requests do not find Redis away. A Redis that
 * refuses holds nobody up, one that is silent for a second at most.
 */
export async function firstConnection(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return
  await once(redis, 'ready', { signal: AbortSignal.timeout(FIRST_CONNECTION_MS) }).catch(() => undefined)
}

function watched({ scripts, scriptLimitMs = 0 }: RedisConnectionOptions): RedisOptions['scripts'] {
  if (!scripts || scriptLimitMs === 0) return scripts
  const entries = Object.entries(scripts).map(([name, script]) => {
    return [name, { ...script, lua: watchedScript({ name, lua: script.lua, limitMs: scriptLimitMs }) }]
  })
  return Object.fromEntries(entries)
}

/** Logs once when the connection is lost and once when it is back, not for each attempt. */
function logConnection(redis: Redis, log: Logger): void {
  let isLost = false
  redis.on('ready', () => {
    isLost = false
    log.info('connected to Redis')
  })
  redis.on('error', (error) => {
    if (!isLost) log.warn({ err: error }, 'no connection to Redis; trying again')
    isLost = true
  })
}

/** Errors of a Redis that is reachable but cannot serve now. */
const busyReply = /^(LOADING|READONLY|OOM|BUSY|MASTERDOWN|MISCONF)\b/

/**
 * Awaits an answer of Redis.
 *
 * @param detail what people are told when Redis does not answer
 * @throws ServiceError `unavailable` if Redis cannot be reached or cannot serve; errors of a wrong
 *   command as they are
 */
export async function fromRedis<Answer>(answer: Promise<Answer>, detail: string): Promise<Answer> {
  try {
    return await answer
  } catch (error) {
    const isFault = error instanceof Error && error.name === 'ReplyError' && !busyReply.test(error.message)
    if (isFault) throw error
    throw new ServiceError('unavailable', { detail, retryAfterSeconds: 1, cause: error })
  }
}
