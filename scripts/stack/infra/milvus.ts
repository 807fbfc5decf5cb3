import { copyFileSync, mkdirSync, renameSync } from 'node:fs'
import { connect } from 'node:http2'
import { join } from 'node:path'
import type { Manifest } from '../manifest.ts'
import type { Part } from '../part.ts'
import { probeTimeoutMs } from '../probe-http.ts'
import { type Settings, stackPaths } from '../settings.ts'

/** Milvus Lite on loopback, because it knows no passwords. One process for a folder. */
export function milvusPart(settings: Settings, manifest: Manifest, python: string): Part {
  const { run, data } = stackPaths(settings)
  const port = manifest.serverPorts.milvus
  const folder = join(data, 'milvus')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    name: 'milvus',
    kind: 'infra',
    command: python,
    args: ['-m', 'milvus_lite', 'server', '--host', '127.0.0.1', '--port', String(port), '--data-dir', folder],
    cwd: run,
    env: {},
    ports: { gRPC: port },
    graceMs: 10_000,
    probe: () => probeHttp2(port),
  }
}

/** Expects the settings with which an HTTP/2 server, as that of gRPC, begins. */
function probeHttp2(port: number): Promise<void> {
  const session = connect(`http://127.0.0.1:${port}`)
  return new Promise<void>((resolve, reject) => {
    session.once('remoteSettings', () => resolve())
    session.once('error', reject)
    session.setTimeout(probeTimeoutMs, () => reject(new Error('no answer')))
  }).finally(() => session.destroy())
}

/** Puts the model where the image-search service looks for it unless `IMAGE_MODEL` is set. */
export function placeImageModel(settings: Settings, model: string): void {
  const target = join(stackPaths(settings).data, 'image-model.onnx')
  mkdirSync(stackPaths(settings).data, { recursive: true, mode: 0o700 })
  copyFileSync(model, `${target}.new`)
  renameSync(`${target}.new`, target)
}
