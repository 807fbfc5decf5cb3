import { instanceParts } from './app-parts.ts'
import { toxiproxyPorts } from './infra/toxiproxy.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { isPortFree, portHolder } from './ports.ts'
import type { Settings } from './settings.ts'

/** Which parts are about to start. */
interface Wanted {
  readonly withApps: boolean
  /** The infrastructure runs already, so its ports are taken by ourselves. */
  readonly wasUp: boolean
  readonly instances: Readonly<Record<string, number>>
  readonly withMonitoring: boolean
}

interface Need {
  readonly part: string
  readonly use: string
  readonly port: number
}

/** @throws Error naming every taken port, its holder, and the setting to change */
export async function checkPorts(settings: Settings, manifest: Manifest, wanted: Wanted): Promise<void> {
  const needs = [
    ...(wanted.wasUp ? [] : infraNeeds(settings, manifest)),
    ...(wanted.withMonitoring ? monitoringNeeds(manifest) : []),
    ...(wanted.withApps ? [...sentryNeeds(manifest), ...appNeeds(settings, manifest, wanted)] : []),
  ]
  const checked = await Promise.all(needs.map(async (need) => ({ need, isFree: await isPortFree(need.port) })))
  const taken = checked.filter(({ isFree }) => !isFree).map(({ need }) => need)
  if (taken.length === 0) return
  throw new Error(taken.map(describe).join('\n'))
}

function describe({ part, use, port }: Need): string {
  const holder = portHolder(port)
  const setting = use === 'public' ? 'FANONE_HTTP_PORT (this one) or FANONE_PORT_BASE (all ports)' : 'FANONE_PORT_BASE'
  return `Port ${port} is taken${holder === undefined ? '' : ` by ${holder}`}; ${part} needs it (${use}). Set ${setting} to another number.`
}

function infraNeeds(settings: Settings, manifest: Manifest): Need[] {
  const { kafkaController, zipkin } = manifest.infraPorts
  const { mysql, redis, kafka } = manifest.serverPorts
  const s3 = settings.s3 ? [{ part: 's3', use: 's3', port: manifest.serverPorts.s3 }] : []
  const milvus = manifest.hasImageSearch ? [{ part: 'milvus', use: 'gRPC', port: manifest.serverPorts.milvus }] : []
  const proxy: Record<string, number> = settings.toxiproxy ? toxiproxyPorts(manifest) : {}
  return [
    { part: 'mysql', use: 'sql', port: mysql },
    { part: 'redis', use: 'redis', port: redis },
    { part: 'kafka', use: 'broker', port: kafka },
    { part: 'kafka', use: 'controller', port: kafkaController },
    { part: 'zipkin', use: 'http', port: zipkin },
    ...Object.entries(proxy).map(([use, port]) => ({ part: 'toxiproxy', use, port })),
    ...s3,
    ...milvus,
  ]
}

function monitoringNeeds({ monitoringPorts }: Manifest): Need[] {
  return Object.entries(monitoringPorts).map(([use, port]) => ({ part: 'monitoring', use, port }))
}

/** `npm run infra` does not start it. */
function sentryNeeds(manifest: Manifest): Need[] {
  const { sentry, sentryHealth, sentryMetrics } = manifest.infraPorts
  return [
    { part: 'sentry', use: 'gRPC', port: sentry },
    { part: 'sentry', use: 'health', port: sentryHealth },
    { part: 'sentry', use: 'metrics', port: sentryMetrics },
  ]
}

function appNeeds(settings: Settings, manifest: Manifest, wanted: Wanted): Need[] {
  return manifest.apps.flatMap((app) => {
    const count = wanted.instances[app.appId] ?? app.instances
    const parts = Array.from({ length: count }, (_, index) => instanceParts(app, index, settings, {}, '')).flat()
    return parts.flatMap((part) => Object.entries(part.ports).map(([use, port]) => ({ part: part.name, use, port })))
  })
}

const wholeStack: Wanted = { withApps: true, wasUp: false, instances: {}, withMonitoring: true }

/**
 * The first base from 17000 on whose ports are free: several checkouts can test at the same time.
 *
 * @param from leaves out those below
 */
export async function freePortBase(settings: Settings, from = 0): Promise<number> {
  for (let portBase = 17_000; portBase < 31_000; portBase += 1_200) {
    if (portBase < from) continue
    const moved = { ...settings, portBase }
    const isFree = await checkPorts(moved, readManifest(moved), wholeStack).then(
      () => true,
      () => false,
    )
    if (isFree) return portBase
  }
  throw new Error('no free range of ports between 17000 and 31000')
}
