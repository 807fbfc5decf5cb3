import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { findOrBuildDaprd } from '../../scripts/setup/daprd.ts'
import { readSettings } from '../../scripts/stack/settings.ts'
import { freePort } from './beside.ts'
import { ownPorts } from './scratch-sidecar.ts'
import { eventually, root } from './stack.ts'

/** A sidecar of a small mesh. */
export interface MeshSidecar {
  /** Of its HTTP API. */
  port: number
  metricsPort: number
  process: ChildProcess
}

export interface MeshSidecarOptions {
  /** None for a sidecar that only calls. */
  appPort?: number
  flags?: string[]
  env?: Record<string, string>
  /** Another program than the one that the stack uses. */
  daprd?: string
  /** What differs from dapr/config.yaml. */
  spec?: object
}

/**
 * Sidecars that need no stack and see only each other: with the name resolution and metrics of
 * dapr/config.yaml and the policies of components/resiliency.yaml. Without certificates and
 * traces.
 */
export class SmallMesh {
  readonly #folder: string
  readonly #daprd: string
  readonly #sidecars: MeshSidecar[] = []

  private constructor(folder: string, daprd: string) {
    this.#folder = folder
    this.#daprd = daprd
  }

  /** @param callees the apps that are called */
  static async open(callees: string[]): Promise<SmallMesh> {
    const daprd = await findOrBuildDaprd(root, readSettings().cache)
    const folder = await mkdtemp(join(tmpdir(), 'fanone-mesh-'))
    const resiliency = parse(await readFile(join(root, 'components/resiliency.yaml'), 'utf8'))
    const policies = resiliency.spec.targets.apps.feed
    resiliency.spec.targets = { apps: Object.fromEntries(callees.map((appId) => [appId, policies])) }
    await writeFile(join(folder, 'resiliency.yaml'), stringify(resiliency))
    return new SmallMesh(folder, daprd)
  }

  /**
   * Starts a sidecar and waits until it serves. Tries again where a connection took one of its
   * ports meanwhile.
   */
  async start(appId: string, options: MeshSidecarOptions = {}): Promise<MeshSidecar> {
    for (let attempt = 1; ; attempt++) {
      const sidecar = await this.#spawn(appId, options)
      const healthUrl = `http://127.0.0.1:${sidecar.port}/v1.0/healthz`
      const hasEnded = () => sidecar.process.exitCode !== null
      await eventually(async () => hasEnded() || (await fetch(healthUrl)).ok, { timeoutMs: 60_000 })
      if (!hasEnded()) return sidecar
      if (attempt === 5) throw new Error(`the sidecar of ${appId} ends at once`)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#sidecars.map((sidecar) => endSidecar(sidecar, 'SIGKILL')))
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #spawn(appId: string, options: MeshSidecarOptions): Promise<MeshSidecar> {
    const { appPort, flags = [], env = {}, daprd = this.#daprd, spec = {} } = options
    const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const
    const args = [
      `--app-id=${appId}`,
      ...(appPort === undefined ? [] : [`--app-port=${appPort}`, '--app-channel-address=127.0.0.1']),
      `--config=${await this.#writeConfiguration(spec, ports[0])}`,
      `--resources-path=${this.#folder}`,
      '--disable-init-endpoints=config,subscribe',
      '--log-level=fatal',
      ...ownPorts(ports),
      ...flags,
    ]
    const child = spawn(daprd, args, {
      cwd: this.#folder,
      env: { ...process.env, ...(await sidecarEnv()), ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const sidecar = { port: ports[0], metricsPort: ports[3], process: child }
    this.#sidecars.push(sidecar)
    return sidecar
  }

  /** Beside the folder of components, where Dapr would take it for one. */
  async #writeConfiguration(spec: object, port: number): Promise<string> {
    const configuration = parse(await readFile(join(root, 'dapr/config.yaml'), 'utf8'))
    configuration.spec.nameResolution.configuration.connectionString = join(this.#folder, 'names.db')
    Object.assign(configuration.spec, { tracing: undefined }, spec)
    const file = join(await mkdtemp(join(this.#folder, `config-${port}-`)), 'config.yaml')
    await writeFile(file, stringify(configuration))
    return file
  }
}

/** The settings of dapr.yaml that daprd itself reads. */
async function sidecarEnv(): Promise<Record<string, string>> {
  const { DAPR_HOST_IP, GOGC } = parse(await readFile(join(root, 'dapr.yaml'), 'utf8')).common.env
  return { DAPR_HOST_IP, GOGC }
}

export async function endSidecar({ process: child }: MeshSidecar, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
