import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../manifest.ts'
import type { Part } from '../part.ts'
import { probeRedis } from '../probes.ts'
import type { Secrets } from '../secrets.ts'
import { type Settings, stackPaths } from '../settings.ts'
import { writePrivate } from '../write-private.ts'

/**
 * Redis on loopback with a password and an append-only file, so that sessions survive its restart.
 */
export function redisPart(settings: Settings, manifest: Manifest, secrets: Secrets): Part {
  const port = manifest.serverPorts.redis
  const { run, data } = stackPaths(settings)
  const dir = join(data, 'redis')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const password = secrets['redis-password'] ?? ''
  const configFile = join(run, 'redis.conf')
  const config = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir "${dir}"`,
    `requirepass ${password}`,
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    'daemonize no',
  ]
  writePrivate(configFile, `${config.join('\n')}\n`)
  return {
    name: 'redis',
    kind: 'infra',
    command: 'redis-server',
    args: [configFile],
    cwd: run,
    env: {},
    ports: { redis: port },
    graceMs: 10_000,
    probe: () => probeRedis(port, password),
  }
}
