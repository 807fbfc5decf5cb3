import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sidecar } from '@fanone/service-kit'
import { execa } from 'execa'
import { findOrBuildDaprd } from '../../scripts/setup/daprd.ts'
import { renderText } from '../../scripts/stack/rendered.ts'
import { readSettings } from '../../scripts/stack/settings.ts'
import { freePort } from './beside.ts'
import { home, portBase, root } from './stack.ts'

/** The keys of components/pubsub.yaml that restrict topics. */
const scopes =
  /^ {4}- name: (protectedTopics|publishingScopes|subscriptionScopes)\b.*\n(?: {6,}.*\n)*|^scopes:\n(?: .*\n?)*/gm

/**
 * Flags of an additional sidecar with its own ports on loopback.
 *
 * @param ports for HTTP, gRPC, internal gRPC and metrics; 0 is any
 */
export function ownPorts([http, grpc, internalGrpc, metrics]: readonly [number, number, number, number]): string[] {
  const ports = {
    'dapr-http-port': http,
    'dapr-grpc-port': grpc,
    'dapr-internal-grpc-port': internalGrpc,
    'metrics-port': metrics,
  }
  const addresses = ['dapr-listen-addresses', 'dapr-internal-grpc-listen-address', 'metrics-listen-address']
  return [
    ...Object.entries(ports).map(([flag, port]) => `--${flag}=${port}`),
    ...addresses.map((flag) => `--${flag}=127.0.0.1`),
  ]
}

/**
 * A test's sidecar on the stack's Kafka that may use every topic; services' sidecars may only use
 * their own.
 *
 * @returns the kit's client of it, and its pid for measurements
 */
export async function scratchSidecar(): Promise<{ sidecar: Sidecar; pid: number; stop(): Promise<void> }> {
  const settings = { ...readSettings(), home, portBase }
  const folder = await mkdtemp(join(tmpdir(), 'fanone-scratch-sidecar-'))
  const component = renderText(await readFile(join(root, 'components/pubsub.yaml'), 'utf8'), settings)
  await writeFile(join(folder, 'pubsub.yaml'), component.replace(scopes, ''))
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const daprd = execa(
    await findOrBuildDaprd(root, settings.cache, () => {}),
    ['--app-id=scratch', `--resources-path=${folder}`, '--log-level=warn', ...ownPorts(ports)],
    { cwd: folder, reject: false, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const sidecar = new Sidecar({ port: ports[0], apiToken: undefined })
  await sidecar.waitUntilReady({ timeoutMs: 60_000 })
  const stop = async () => {
    await sidecar.close()
    daprd.kill('SIGTERM')
    await daprd
    await rm(folder, { recursive: true, force: true })
  }
  return { sidecar, pid: daprd.pid as number, stop }
}
