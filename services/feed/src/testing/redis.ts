import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createLogger } from '@fanone/service-kit'
import { connectFeedRedis, type FeedRedis } from '../redis/feed-redis.ts'

export const silentLog = createLogger({ appId: 'feed-test', level: 'silent' })

/** A Redis for one test file, on a unix socket in a folder that is removed with it. */
export interface TestRedis extends AsyncDisposable {
  redis: FeedRedis
  /** Path of the socket, as an address for `connectFeedRedis`. */
  address: string
  pid: number
  /** What it has logged so far. */
  log(): string
  /** Kills it and starts it again with the data it had written. */
  restart(): Promise<void>
}

/**
 * Starts redis-server, which the local stack needs anyway; Lua scripts can only be tested on a real
 * one.
 */
export async function startRedis(): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'feed-redis-'))
  const address = join(dir, 'redis.sock')
  const args = ['--port', '0', '--unixsocket', address, '--dir', dir, '--save', '', '--appendonly', 'yes']
  let logged = ''
  const start = () => {
    const started = spawn('redis-server', args)
    started.stdout.on('data', (text) => {
      logged += text
    })
    return started
  }
  let server = start()
  await once(server, 'spawn')
  const kill = () => server.kill('SIGKILL')
  const end = async () => {
    kill()
    await once(server, 'exit')
  }
  process.once('exit', kill)
  const redis = connectFeedRedis({ address, log: silentLog })
  const isReady = () => redis.status === 'ready'
  while (!isReady()) await delay(10)
  return {
    redis,
    address,
    pid: server.pid as number,
    log: () => logged,
    async restart() {
      await end()
      server = start()
      while (isReady()) await delay(10)
      while (!isReady()) await delay(10)
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect()
      process.off('exit', kill)
      await end()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
