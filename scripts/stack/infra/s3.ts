import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Manifest } from '../manifest.ts'
import type { Part } from '../part.ts'
import { probeHttp } from '../probe-http.ts'
import type { Secrets } from '../secrets.ts'
import { type Settings, stackPaths } from '../settings.ts'

/** An S3 server on a folder, where media live with `STORAGE=s3`. */
export function s3Part(settings: Settings, manifest: Manifest, secrets: Secrets, program: string): Part {
  const { run, data } = stackPaths(settings)
  const port = manifest.serverPorts.s3
  const store = join(data, 's3')
  mkdirSync(store, { recursive: true, mode: 0o700 })
  return {
    name: 's3',
    kind: 'infra',
    command: program,
    args: ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', store],
    cwd: run,
    // Arguments are seen by everybody on the machine.
    env: {
      ROOT_ACCESS_KEY: secrets['s3-access-key'] ?? '',
      ROOT_SECRET_KEY: secrets['s3-secret-key'] ?? '',
    },
    ports: { s3: port },
    graceMs: 10_000,
    // It refuses who shows no key.
    probe: () => probeHttp(`http://127.0.0.1:${port}/`, 403),
  }
}
