import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectDapr, type Dapr } from '@fanone/service-kit'
import { execa } from 'execa'
import { stringify } from 'yaml'
import { findOrBuildDaprd } from '../../scripts/setup/daprd.ts'
import { renderText } from '../../scripts/stack/rendered.ts'
import { readSettings } from '../../scripts/stack/settings.ts'
import { freePort } from './beside.ts'
import { home, portBase, root } from './stack.ts'

const COMPONENTS = ['pubsub.yaml', 'statestore.yaml', 'secretstore.yaml']

/** The lines of a component that restrict services and topics. */
const scopes =
  /^ {4}- name: (protectedTopics|publishingScopes|subscriptionScopes)\b.*\n(?: {6,}.*\n)*|^scopes:.*\n(?: .*\n?)*/gm

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
 * A test's sidecar on the stack's Kafka, Redis and secrets that may use every topic; services'
 * sidecars may only use their own.
 *
 * @param options.apis the only parts of the HTTP API that it offers; all by default
 * @returns the kit's client of it, its HTTP port, and its pid for measurements
 */
export async function scratchSidecar(options: { apis?: string[] } = {}): Promise<ScratchSidecar> {
  const settings = { ...readSettings(), home, portBase }
  const folder = await mkdtemp(join(tmpdir(), 'fanone-scratch-sidecar-'))
  for (const name of COMPONENTS) {
    const component = renderText(await readFile(join(root, 'components', name), 'utf8'), settings)
    await writeFile(join(folder, name), component.replace(scopes, ''))
  }
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const flags = ['--app-id=scratch', `--resources-path=${folder}`, '--log-level=warn', ...ownPorts(ports)]
  if (options.apis) flags.push(`--config=${await writeConfiguration(folder, options.apis)}`)
  const daprd = execa(await findOrBuildDaprd(root, settings.cache, () => {}), flags, {
    cwd: folder,
    reject: false,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const dapr = connectDapr({ port: ports[0] })
  await dapr.transport.waitUntilReady({ timeoutMs: 60_000 })
  const stop = async () => {
    await dapr.transport.close()
    daprd.kill('SIGTERM')
    await daprd
    await rm(folder, { recursive: true, force: true })
  }
  return { dapr, port: ports[0], pid: daprd.pid as number, stop }
}

export interface ScratchSidecar {
  dapr: Dapr
  port: number
  pid: number
  stop(): Promise<void>
}

async function writeConfiguration(folder: string, apis: string[]): Promise<string> {
  const allowed = apis.map((name) => ({ name, version: 'v1', protocol: 'http' }))
  const configuration = {
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Configuration',
    metadata: { name: 'scratch' },
    spec: { api: { allowed } },
  }
  const file = join(await mkdtemp(join(folder, 'config-')), 'config.yaml')
  await writeFile(file, stringify(configuration))
  return file
}
