import { join } from 'node:path'
import type { Manifest } from '../manifest.ts'
import type { Part } from '../part.ts'
import { probeHttp } from '../probe-http.ts'
import { type Settings, stackPaths } from '../settings.ts'
import { writePrivate } from '../write-private.ts'

const proxied = ['mysql', 'redis', 'kafka'] as const

/**
 * Listens on the addresses of MySQL, Redis and Kafka, and passes everything on until tests add
 * toxics.
 */
export function toxiproxyPart(settings: Settings, manifest: Manifest, program: string): Part {
  const ports = toxiproxyPorts(manifest)
  const proxies = proxied.map((name) => ({
    name,
    listen: `127.0.0.1:${ports[name]}`,
    upstream: `127.0.0.1:${manifest.serverPorts[name]}`,
    enabled: true,
  }))
  const { run } = stackPaths(settings)
  const configFile = join(run, 'toxiproxy.json')
  writePrivate(configFile, JSON.stringify(proxies, null, 2))
  return {
    name: 'toxiproxy',
    kind: 'infra',
    command: program,
    args: ['-host=127.0.0.1', `-port=${ports.api}`, `-config=${configFile}`],
    cwd: run,
    env: { LOG_LEVEL: 'warn' },
    ports,
    graceMs: 5_000,
    probe: () => probeHttp(`http://127.0.0.1:${ports.api}/version`, 200),
  }
}

/** Every port that Toxiproxy listens on. */
export function toxiproxyPorts({ infraPorts, serverPorts }: Manifest) {
  const { mysql, redis, kafka } = infraPorts
  return { api: serverPorts.toxiproxy, mysql, redis, kafka }
}
