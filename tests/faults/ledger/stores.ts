import { Redis } from 'ioredis'
import { connectAsRoot } from '../../support/scratch-database.ts'
import { port, secrets } from '../../support/stack.ts'

/** Rows as MySQL holds them, whoever owns the database; numbers as JavaScript numbers. */
export async function queryMysql<Row>(sql: string, values: unknown[] = []): Promise<Row[]> {
  const admin = await connectAsRoot()
  try {
    const [rows] = await admin.query(sql, values)
    return rows as Row[]
  } finally {
    await admin.end()
  }
}

/** Runs `work` on the stack's Redis. */
export async function withRedis<Result>(work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const password = (await secrets())['redis-password'] as string
  const redis = new Redis({ host: '127.0.0.1', port: port(7002), password, maxRetriesPerRequest: 3 })
  try {
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}
