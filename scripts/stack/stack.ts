import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { instanceName, instanceParts } from './app-parts.ts'
import { kafkaPart } from './infra/kafka.ts'
import { milvusPart } from './infra/milvus.ts'
import { monitoringParts, renderMonitoringFiles, writeTargets } from './infra/monitoring.ts'
import { mysqlPart } from './infra/mysql.ts'
import { redisPart } from './infra/redis.ts'
import { s3Part } from './infra/s3.ts'
import { sentryPart } from './infra/sentry.ts'
import { toxiproxyPart } from './infra/toxiproxy.ts'
import { zipkinPart } from './infra/zipkin.ts'
import { type App, checkInstances, type Manifest } from './manifest.ts'
import type { Part } from './part.ts'
import { type ProcessRecord, recordOf, writeRecords } from './processes.ts'
import { renderDaprFiles } from './rendered.ts'
import type { Secrets } from './secrets.ts'
import { type Settings, stackPaths } from './settings.ts'
import { type PartStatus, Supervised } from './supervised.ts'

/**
 * The request of a start and the paths of fetched programs; the CLI passes it to the supervisor as
 * a file.
 */
export interface Launch {
  readonly daprd: string | undefined
  /** Absent after `npm run infra`: `dapr run -f .` does without certificates. */
  readonly sentry: string | undefined
  readonly kafkaLibs: string
  readonly zipkinJar: string
  /** Where the installation wants it. */
  readonly toxiproxy: string | undefined
  /** The S3 server, where the installation wants it. */
  readonly versitygw: string | undefined
  /** Kafka's exporter; absent where nothing watches the stack. */
  readonly jmxExporter: string | undefined
  /** A Python with Milvus Lite, where the installation wants image search. */
  readonly milvusPython: string | undefined
  /** Number of instances by app id where it differs from dapr.yaml. */
  readonly instances: Readonly<Record<string, number>>
}

export function launchFile(settings: Settings): string {
  return join(stackPaths(settings).run, 'launch.json')
}

export function readLaunch(settings: Settings): Launch {
  return JSON.parse(readFileSync(launchFile(settings), 'utf8')) as Launch
}

/** The parts the services lean on, in the order in which they may end last. */
export function infraParts(settings: Settings, manifest: Manifest, secrets: Secrets, launch: Launch): Part[] {
  return [
    mysqlPart(settings, manifest, secrets),
    redisPart(settings, manifest, secrets),
    kafkaPart(settings, manifest, launch.kafkaLibs, launch.jmxExporter),
    zipkinPart(settings, manifest, launch.zipkinJar),
    ...(launch.toxiproxy === undefined ? [] : [toxiproxyPart(settings, manifest, launch.toxiproxy)]),
    ...(launch.versitygw === undefined ? [] : [s3Part(settings, manifest, secrets, launch.versitygw)]),
    ...(launch.milvusPython === undefined || !manifest.hasImageSearch
      ? []
      : [milvusPart(settings, manifest, launch.milvusPython)]),
    ...(launch.sentry === undefined ? [] : [sentryPart(settings, manifest, launch.sentry)]),
    ...(launch.jmxExporter === undefined ? [] : monitoringParts(settings, manifest, secrets)),
  ]
}

export interface StackOptions {
  settings: Settings
  manifest: Manifest
  secrets: Secrets
  launch: Launch
}

/** The processes of one FANONE_HOME and the commands on them. Runs inside the supervisor only. */
export class Stack {
  readonly #settings: Settings
  readonly #manifest: Manifest
  readonly #secrets: Secrets
  readonly #parts = new Map<string, Supervised>()
  #launch: Launch

  constructor({ settings, manifest, secrets, launch }: StackOptions) {
    this.#settings = settings
    this.#manifest = manifest
    this.#secrets = secrets
    this.#launch = launch
  }

  get status(): PartStatus[] {
    return [...this.#parts.values()].map((supervised) => supervised.status)
  }

  /** Starts what does not run yet: after `npm run infra`, `npm start` adds to it. */
  startInfra(): void {
    this.#launch = readLaunch(this.#settings)
    renderDaprFiles(this.#settings, this.#manifest)
    renderMonitoringFiles(this.#settings)
    for (const part of infraParts(this.#settings, this.#manifest, this.#secrets, this.#launch)) this.#startPart(part)
  }

  /** Starts every service of dapr.yaml with its sidecar. */
  startApps(): void {
    for (const app of this.#manifest.apps) {
      const count = this.#launch.instances[app.appId] ?? app.instances
      for (let index = 0; index < count; index++) this.#startInstance(app, index)
    }
    this.#tellPrometheus()
  }

  /** @throws Error when there is no such part */
  async restart(part: string): Promise<void> {
    await this.#part(part).restart()
  }

  /**
   * Restarts a service with its sidecar. The one that receives the requests ends first. That is the
   * sidecar: it takes its name out of the list and finishes running calls, while a sidecar whose
   * service has ended would still be called and retry its event for long. Only the gateway is
   * called past its sidecar, and needs it to answer.
   *
   * @throws Error when there is no such instance
   */
  async restartInstance(name: string): Promise<void> {
    const [app, sidecar] = [this.#part(name), this.#part(`${name}.sidecar`)]
    const isPublic = app.part.env.HTTP_PORT !== undefined
    const parts = isPublic ? [app, sidecar] : [sidecar, app]
    for (const part of parts) await part.stop()
    for (const part of parts) part.start()
  }

  /** @throws Error for an unknown service or an impossible number */
  async scale(appId: string, count: number): Promise<void> {
    const app = this.#manifest.apps.find((candidate) => candidate.appId === appId)
    if (app === undefined) throw new Error(`There is no service "${appId}"`)
    checkInstances(appId, count)
    for (let index = 0; index < count; index++) this.#startInstance(app, index)
    const running = this.#ofKind('app').filter(({ part }) => part.appId === appId)
    const surplus = running.filter(({ part }) => !wantedNames(appId, count).includes(part.name))
    await Promise.all(surplus.map((instance) => this.#removeInstance(instance.part.name)))
    this.#tellPrometheus()
  }

  /**
   * Ends everything: services while their sidecars still serve them, then sidecars, then
   * infrastructure.
   */
  async stop(): Promise<void> {
    await Promise.all(this.#ofKind('app').map((supervised) => supervised.stop()))
    await Promise.all(this.#ofKind('sidecar').map((supervised) => supervised.stop()))
    for (const supervised of this.#ofKind('infra').toReversed()) await supervised.stop()
  }

  #tellPrometheus(): void {
    const running = this.#ofKind('app').map(({ part }) => part.appId)
    writeTargets(this.#settings, this.#manifest, (appId) => running.filter((one) => one === appId).length)
  }

  #startInstance(app: App, index: number): void {
    if (this.#launch.daprd === undefined) throw new Error('There is no daprd yet; run npm start')
    for (const part of instanceParts(app, index, this.#settings, this.#secrets, this.#launch.daprd))
      this.#startPart(part)
  }

  /**
   * The sidecar first: it takes its name out of the list and finishes running calls, so none is
   * lost.
   */
  async #removeInstance(name: string): Promise<void> {
    for (const part of [`${name}.sidecar`, name]) {
      await this.#parts.get(part)?.stop()
      this.#parts.delete(part)
    }
    this.#record()
  }

  #startPart(part: Part): void {
    const known = this.#parts.get(part.name)
    if (known !== undefined) {
      known.start()
      return
    }
    const log = stackPaths(this.#settings).log(part.name)
    keepOldLog(log)
    const supervised = new Supervised({ part, logFile: log, onChange: () => this.#record() })
    this.#parts.set(part.name, supervised)
    supervised.start()
  }

  /** @throws Error when there is no such part */
  #part(name: string): Supervised {
    const supervised = this.#parts.get(name)
    if (supervised !== undefined) return supervised
    throw new Error(`There is no part "${name}"; there are ${[...this.#parts.keys()].join(', ')}`)
  }

  #ofKind(kind: Part['kind']): Supervised[] {
    return [...this.#parts.values()].filter(({ part }) => part.kind === kind)
  }

  #record(): void {
    const own = recordOf({ name: 'supervisor', kind: 'command' }, process.pid)
    const children = [...this.#parts.values()].map(({ record }) => record)
    const records = [own, ...children].filter((record): record is ProcessRecord => record !== undefined)
    writeRecords(stackPaths(this.#settings).processes, records)
  }
}

function wantedNames(appId: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => instanceName(appId, index))
}

/** Each start begins a new log and keeps the previous one. */
function keepOldLog(file: string): void {
  if (existsSync(file)) renameSync(file, `${file}.1`)
  writeFileSync(file, '', { mode: 0o600 })
}
