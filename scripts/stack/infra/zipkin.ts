import type { Manifest } from '../manifest.ts'
import type { Part } from '../part.ts'
import { probeHttp } from '../probe-http.ts'
import { type Settings, stackPaths } from '../settings.ts'

/** Zipkin with its web page; spans are kept in memory only. */
export function zipkinPart(settings: Settings, manifest: Manifest, jar: string): Part {
  const port = manifest.infraPorts.zipkin
  return {
    name: 'zipkin',
    kind: 'infra',
    command: 'java',
    args: [
      '-Xms64m',
      '-Xmx256m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      // A Zipkin without memory answers nothing; ended, it comes back.
      '-XX:+ExitOnOutOfMemoryError',
      '-jar',
      jar,
      // Zipkin's own QUERY_PORT setting listens on every interface.
      `--armeria.ports[0].port=${port}`,
      '--armeria.ports[0].ip=127.0.0.1',
      '--armeria.ports[0].protocols[0]=http',
      // What fits into the heap: with 200,000 it ran out of memory in a long test.
      '--zipkin.storage.mem.max-spans=60000',
    ],
    cwd: stackPaths(settings).run,
    env: {},
    ports: { http: port },
    graceMs: 5_000,
    probe: () => probeHttp(`http://127.0.0.1:${port}/health`, 200),
  }
}
