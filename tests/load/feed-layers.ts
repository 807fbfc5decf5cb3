import { join } from 'node:path'
import { type InstanceBeside, startBeside } from '../support/beside.ts'
import { sidecarOf } from '../support/sidecars.ts'
import { planGateway, planService } from './feed-requests.ts'
import type { Variant } from './rounds.ts'

const preload = join(import.meta.dirname, 'without.ts')

/**
 * One more instance that is like the service in everything but its settings and what WITHOUT takes
 * out.
 */
interface Layer {
  name: string
  settings: Record<string, string>
  /** Nobody shows a token. */
  isAnonymous?: boolean
}

const kept = { TRACES_PER_SECOND: '0', TRACE_SAMPLING: '0.01' }
const noTracing = { OTEL_SDK_DISABLED: 'true' }
const feedLayers: Layer[] = [
  { name: 'feed service, all traced', settings: { TRACE_SAMPLING: '1' } },
  { name: 'feed service, 1 % traced', settings: kept },
  { name: '… no tracing', settings: noTracing },
  { name: '… nor metrics', settings: { ...noTracing, WITHOUT: 'metrics' } },
  { name: '… nor validation', settings: { ...noTracing, WITHOUT: 'metrics validation' } },
]

const called = ['feed', 'interaction', 'relation'] as const
const addresses = await Promise.all(
  called.map(async (appId) => {
    const { appPort, appToken } = await sidecarOf(appId)
    return [appId, { url: `http://127.0.0.1:${appPort}`, token: appToken }]
  }),
)
const around = { AROUND: JSON.stringify(Object.fromEntries(addresses)) }
const gatewayLayers: Layer[] = [
  { name: 'gateway and all behind it, all traced', settings: { TRACE_SAMPLING: '1' } },
  { name: 'gateway and all behind it, 1 % traced', settings: kept },
  { name: '… without authentication', settings: kept, isAnonymous: true },
  { name: '… without validation', settings: { ...kept, WITHOUT: 'validation' } },
  { name: '… without metrics', settings: { ...kept, WITHOUT: 'metrics' } },
  { name: '… without sidecars', settings: { ...kept, WITHOUT: 'sidecar', ...around } },
]

/**
 * Starts an instance for each layer that is taken out. Pages beyond the first, so that nobody is
 * answered from the gateway's memory.
 *
 * @param pids of the stack, by part
 */
export async function layerVariants(options: {
  pages: number
  accessToken: string
  pids: Record<string, number>
}): Promise<{ feed: Variant[]; gateway: Variant[]; stop(): Promise<void> }> {
  const { pages, accessToken, pids } = options
  const instances: InstanceBeside[] = []
  const start = async (appId: string, settings: Record<string, string>) => {
    const instance = await startBeside(appId, { settings, preload })
    instances.push(instance)
    return instance
  }
  const only = (...names: string[]) => Object.fromEntries(names.map((name) => [name, pids[name] as number]))
  const stop = async () => {
    await Promise.all(instances.map((instance) => instance.stop()))
  }
  try {
    return { ...(await startAll()), stop }
  } catch (error) {
    await stop()
    throw error
  }

  async function startAll() {
    const feed: Variant[] = []
    for (const { name, settings } of feedLayers) {
      const { appUrl, pid } = await start('feed', settings)
      feed.push({ name, plan: await planService({ pages, url: appUrl }), pids: { feed: pid, ...only('redis') } })
    }
    const gateway: Variant[] = []
    const behindGateway = [
      'gateway.sidecar',
      ...called.flatMap((appId) => [`${appId}.sidecar`, appId]),
      'redis',
      'mysql',
    ]
    for (const { name, settings, isAnonymous } of gatewayLayers) {
      const { publicUrl, pid } = await start('gateway', settings)
      const plan = await planGateway({ pages, url: publicUrl, accessToken: isAnonymous ? undefined : accessToken })
      plan.requests.shift()
      gateway.push({ name, plan, pids: { gateway: pid, ...only(...behindGateway) } })
    }
    return { feed, gateway }
  }
}
