import { Admin } from '@platformatic/kafka'
import { Redis } from 'ioredis'
import { createConnection } from 'mysql2/promise'
import { probeTimeoutMs } from './probe-http.ts'

/** Logs in and asks a question. */
export async function probeMysql(port: number, password: string): Promise<void> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    password,
    connectTimeout: probeTimeoutMs,
  })
  try {
    await connection.query({ sql: 'SELECT 1', timeout: probeTimeoutMs })
    // MySQL writes a warning for each connection that ends without having said so.
    await connection.end()
  } finally {
    connection.destroy()
  }
}

/** Logs in and expects PONG; while Redis still loads its data it answers with an error instead. */
export async function probeRedis(port: number, password: string): Promise<void> {
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    password,
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    disconnectTimeout: 100, // a frozen Redis does not close its side
  })
  redis.on('error', () => {}) // the commands reject too
  // One deadline for connecting, AUTH and PING together; ioredis has one for each.
  const deadline = setTimeout(() => redis.disconnect(), probeTimeoutMs)
  try {
    await redis.connect()
    await redis.ping()
  } finally {
    clearTimeout(deadline)
    redis.disconnect()
  }
}

/** Asks for metadata. A KRaft broker reads requests only once its controller has let it in. */
export async function probeKafka(port: number): Promise<void> {
  const admin = new Admin({
    clientId: 'probe',
    bootstrapBrokers: [`127.0.0.1:${port}`],
    retries: false,
    connectTimeout: probeTimeoutMs,
    requestTimeout: probeTimeoutMs,
  })
  try {
    await admin.metadata({ topics: [] })
  } finally {
    await admin.close()
  }
}
