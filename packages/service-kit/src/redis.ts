import { Redis, type RedisOptions } from 'ioredis'
import { ServiceError } from './errors.ts'
import type { Logger } from './log.ts'

export interface RedisConnectionOptions {
  /** `host:port`, or the path of a unix socket. */
  address: string
  password?: string | undefined
  log: Logger
  /** How long a command may take. */
  commandTimeoutMs?: number
  scripts?: RedisOptions['scripts']
}

/**
 * A direct connection to Redis, for the structures that Dapr's state API does not have. Connects and keeps connecting; while there is no
 * connection every command fails at once, so that callers learn of it quickly and nothing is queued without bound.
 */
export function connectRedis(options: RedisConnectionOptions): Redis {
  const { address, password, scripts, commandTimeoutMs = 1_000 } = options
  const [host = '', port] = address.split(':')
  const redis = new Redis({
    ...(port === undefined ? { path: host } : { host, port: Number(port) }),
    ...(password === undefined ? {} : { password }),
    ...(scripts === undefined ? {} : { scripts }),
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

/** One line when the connection is lost and one when it is there again, not one for each attempt. */
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

/** What a Redis says that is there but cannot serve now. */
const busyReply = /^(LOADING|READONLY|OOM|BUSY|MASTERDOWN|MISCONF)\b/

/**
 * Awaits an answer of Redis.
 *
 * @param detail what people are told who come in vain
 * @throws ServiceError `unavailable` where Redis cannot be reached or cannot serve; a faulty command is passed on as it is
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
