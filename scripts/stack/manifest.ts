import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { monitoringPorts } from '@fanone/monitoring'
import { parse } from 'yaml'
import { milvusPort, portOf, s3Port, shiftPort, shiftSetting } from './ports.ts'
import type { Settings } from './settings.ts'

/** Ports of two services are ten apart in dapr.yaml, so this many instances fit. */
const mostInstances = 10

/** One service of dapr.yaml with the ports and settings of this stack. */
export interface App {
  readonly appId: string
  readonly dir: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly resourcesPaths: readonly string[]
  readonly configFile: string
  /** Path of the service's access list, a second Dapr configuration on top of `configFile`. */
  readonly accessFile: string
  /** What the service may read in the secret store. */
  readonly secrets: readonly string[]
  readonly ports: AppPorts
  /** How many instances the file asks for. */
  readonly instances: number
  /** Name of the database the service owns. */
  readonly database: string | undefined
  readonly sidecarOptions: SidecarOptions
}

export interface AppPorts {
  readonly app: number
  readonly http: number
  readonly grpc: number
  readonly internalGrpc: number
  readonly metrics: number
}

/** Fields of dapr.yaml that become daprd flags as they are. */
interface SidecarOptions {
  readonly appProtocol: string
  readonly maxBodySize: string
  readonly readBufferSize: string
  readonly logLevel: string
  readonly healthPath: string
  readonly healthInterval: number
  readonly healthTimeout: number
  readonly healthThreshold: number
}

export interface Manifest {
  readonly apps: readonly App[]
  /** Ports of what the services lean on, taken from the common settings. */
  readonly infraPorts: InfraPorts
  /** Where MySQL, Redis and Kafka listen themselves: the same, unless Toxiproxy stands there. */
  readonly serverPorts: { mysql: number; redis: number; kafka: number; toxiproxy: number; s3: number; milvus: number }
  /** Where what watches the stack listens. */
  readonly monitoringPorts: Record<keyof typeof monitoringPorts, number>
  /** Whether pictures can be searched here: wanted, and the service is among the apps. */
  readonly hasImageSearch: boolean
  /** Configuration of the certificate authority. */
  readonly sentryConfigFile: string
}

interface InfraPorts {
  readonly mysql: number
  readonly redis: number
  readonly kafka: number
  readonly kafkaController: number
  readonly zipkin: number
  readonly sentry: number
  readonly sentryHealth: number
  readonly sentryMetrics: number
}

interface Entry {
  appID?: string
  appDirPath?: string
  appPort?: number
  daprHTTPPort?: number
  daprGRPCPort?: number
  daprInternalGRPCPort?: number
  metricsPort?: number
  command?: string[]
  env?: Record<string, unknown>
  resourcesPaths?: string[]
  configFilePath?: string
  appProtocol?: string
  maxBodySize?: string
  readBufferSize?: string
  logLevel?: string
  appHealthCheckPath?: string
  appHealthProbeInterval?: number
  appHealthProbeTimeout?: number
  appHealthThreshold?: number
}

/**
 * Reads dapr.yaml as `dapr run -f` does (paths under `common` are relative to the file, those of an
 * app to its folder) and moves every port to the stack's base.
 *
 * @throws Error naming the app and the field that is missing or wrong
 */
export function readManifest(settings: Settings): Manifest {
  const file = parse(readFileSync(settings.daprYaml, 'utf8')) as { common?: Entry; apps?: Entry[] }
  const common = file.common ?? {}
  const apps = (file.apps ?? []).map((entry) => readApp(entry, common, settings))
  const infraPorts = readInfraPorts(shiftEnv(common.env ?? {}, settings))
  return {
    apps,
    infraPorts,
    serverPorts: serverPortsOf(infraPorts, settings),
    monitoringPorts: mapValues(monitoringPorts, (port) => shiftPort(port, settings.portBase)),
    hasImageSearch: settings.imageSearch && apps.some(({ appId }) => appId === 'image-search'),
    sentryConfigFile: join(dirname(configFile(common, settings)), 'sentry.yaml'),
  }
}

function mapValues<Key extends string>(record: Readonly<Record<Key, number>>, change: (value: number) => number) {
  const entries = Object.entries<number>(record).map(([key, value]) => [key, change(value)])
  return Object.fromEntries(entries) as Record<Key, number>
}

function serverPortsOf({ mysql, redis, kafka }: InfraPorts, settings: Settings): Manifest['serverPorts'] {
  const own = (written: number) => shiftPort(written, settings.portBase)
  const ports = settings.toxiproxy ? { mysql: own(7021), redis: own(7022), kafka: own(7023) } : { mysql, redis, kafka }
  return { ...ports, toxiproxy: own(7009), s3: s3Port(settings), milvus: milvusPort(settings) }
}

function readInfraPorts(env: Record<string, string>): InfraPorts {
  const infraPort = (name: string) => portOf(need(env[name], name, 'common.env'))
  const sentry = infraPort('SENTRY_ADDRESS')
  return {
    mysql: infraPort('MYSQL_ADDRESS'),
    redis: infraPort('REDIS_ADDRESS'),
    kafka: infraPort('KAFKA_BROKERS'),
    kafkaController: infraPort('KAFKA_CONTROLLER_ADDRESS'),
    zipkin: infraPort('ZIPKIN_ENDPOINT'),
    sentry,
    sentryHealth: sentry + 1,
    sentryMetrics: sentry + 2,
  }
}

function configFile(common: Entry, settings: Settings): string {
  return resolve(dirname(settings.daprYaml), need(common.configFilePath, 'configFilePath', 'common'))
}

/** @throws Error when the service has no list: it would be a service that everybody may call */
function findAccessFile(appId: string, folder: string): string {
  const file = join(folder, 'access', `${appId}.yaml`)
  if (existsSync(file)) return file
  throw new Error(`${appId} has no ${file}, which says who may call it and what it may use; npm run generate writes it`)
}

function readSecrets(accessFile: string): string[] {
  const { spec } = parse(readFileSync(accessFile, 'utf8')) as {
    spec?: { secrets?: { scopes?: { allowedSecrets?: string[] }[] } }
  }
  return spec?.secrets?.scopes?.flatMap(({ allowedSecrets = [] }) => allowedSecrets) ?? []
}

function readApp(entry: Entry, common: Entry, settings: Settings): App {
  const appId = need(entry.appID, 'appID', 'an app')
  const base = dirname(settings.daprYaml)
  const dir = resolve(base, need(entry.appDirPath, 'appDirPath', appId))
  const env = shiftEnv({ ...common.env, ...entry.env }, settings)
  const port = (value: number | undefined, name: string) => shiftPort(need(value, name, appId), settings.portBase)
  const resources =
    entry.resourcesPaths?.map((path) => resolve(dir, path)) ??
    common.resourcesPaths?.map((path) => resolve(base, path)) ??
    []
  const ownResources = join(dir, 'dapr')
  const accessFile = findAccessFile(appId, dirname(configFile(common, settings)))
  const hasOwn = existsSync(ownResources) && !resources.includes(ownResources)
  return {
    appId,
    dir,
    command: need(entry.command, 'command', appId),
    env,
    resourcesPaths: (hasOwn ? [...resources, ownResources] : resources).filter((path) => existsSync(path)),
    configFile: configFile(common, settings),
    accessFile,
    secrets: readSecrets(accessFile),
    ports: {
      app: port(entry.appPort, 'appPort'),
      http: port(entry.daprHTTPPort, 'daprHTTPPort'),
      grpc: port(entry.daprGRPCPort, 'daprGRPCPort'),
      internalGrpc: port(entry.daprInternalGRPCPort, 'daprInternalGRPCPort'),
      metrics: port(entry.metricsPort, 'metricsPort'),
    },
    instances: checkInstances(appId, Number(env.INSTANCES ?? 1)),
    database: env.DATABASE,
    sidecarOptions: readSidecarOptions({ ...common, ...entry }),
  }
}

function readSidecarOptions(entry: Entry): SidecarOptions {
  return {
    appProtocol: entry.appProtocol ?? 'http',
    maxBodySize: entry.maxBodySize ?? '4Mi',
    readBufferSize: entry.readBufferSize ?? '4Ki',
    logLevel: entry.logLevel ?? 'info',
    healthPath: entry.appHealthCheckPath ?? '/healthz',
    healthInterval: entry.appHealthProbeInterval ?? 5,
    healthTimeout: entry.appHealthProbeTimeout ?? 500,
    healthThreshold: entry.appHealthThreshold ?? 3,
  }
}

function shiftEnv(env: Record<string, unknown>, settings: Settings): Record<string, string> {
  const entries = Object.entries(env).map(([name, value]) => [
    name,
    shiftSetting(name, String(value), settings.portBase),
  ])
  const shifted: Record<string, string> = Object.fromEntries(entries)
  if (shifted.HTTP_PORT !== undefined && settings.httpPort !== undefined) shifted.HTTP_PORT = String(settings.httpPort)
  return shifted
}

/** @throws Error when the number cannot be had with the ports of dapr.yaml */
export function checkInstances(appId: string, count: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= mostInstances) return count
  throw new Error(`${appId}: the number of instances must be from 1 to ${mostInstances}`)
}

function need<Value>(value: Value | undefined, field: string, owner: string): Value {
  if (value === undefined) throw new Error(`dapr.yaml: ${owner} has no ${field}`)
  return value
}
