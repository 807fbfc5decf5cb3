import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { findHelm } from '../setup/helm.ts'
import { readSettings } from '../stack/settings.ts'
import { chartFolder, header, readExample, renderExample } from './chart.ts'

test('the rendered output is that of this chart (else: npm run chart:render)', () => {
  expect(readExample().split('\n', 1)[0]).toBe(header())
})

const helm = (await findHelm(readSettings().cache)) ?? ''

// Building Helm takes minutes, so a run that does not find one skips these (docs/kubernetes.md).
describe.skipIf(helm === '')('with Helm', { timeout: 60_000 }, () => {
  const kind = `--values=${chartFolder}/values-kind.yaml`

  test('the rendered output is what Helm makes', async () => {
    expect(await renderExample(helm)).toBe(readExample())
  })

  test('the linter finds nothing', async () => {
    const { stdout } = await execa(helm, ['lint', '--strict', chartFolder, kind, '--kube-version=1.33'])
    expect(stdout).not.toMatch(/WARNING|ERROR/)
  })

  test('everything that is off by default can be on', async () => {
    const on = {
      media: { storage: 'local' },
      gatewayApi: { enabled: true, parentRefs: [{ name: 'edge' }] },
      monitoring: { podMonitor: true, rules: true, dashboards: true },
      defaults: { autoscaling: { enabled: true, lag: 100 } },
    }
    const text = await renderWith(on)
    for (const made of ['HTTPRoute', 'PrometheusRule', 'PodMonitor', 'ScaledObject', 'PersistentVolumeClaim'])
      expect(text).toContain(`kind: ${made}`)
    expect(text).toContain('name: fanone-dashboard-overview')
  })

  test.for<[string, object]>([
    ['services.vidoe', { services: { vidoe: { replicas: 2 } } }],
    ['addresses.MYSQL_ADDRESS', { addresses: { MYSQL_ADDRESS: '' } }],
    ['addresses.KAFKA_BROKERS', { addresses: { KAFKA_BROKERS: '' } }],
    ['/addresses/REDIS_ADDRESS', { addresses: { REDIS_ADDRESS: 'redis://redis:6379' } }],
    ['addresses.MILVUS_ADDRESS', { imageSearch: true }],
    ['/media/storage', { media: { storage: 'nfs' } }],
    ['/defaults/replicas', { defaults: { replicas: 0 } }],
    [
      '/services/video/resources/requests/memory',
      { services: { video: { resources: { requests: { memory: 'much' } } } } },
    ],
    ['services.feed.autoscaling.maxReplicas', { services: { feed: { replicas: 9, autoscaling: { enabled: true } } } }],
    ['/service/port', { service: { port: 'http' } }],
    ['ingress.host', { ingress: { enabled: true } }],
    ['gatewayApi.parentRefs', { gatewayApi: { enabled: true } }],
    ["'replica'", { defaults: { replica: 2 } }],
    ['/images/registry', { images: { registry: 'registry.example/fanone' } }],
    ['/rollout/leaveSeconds', { rollout: { leaveSeconds: 0 } }],
    ['/tracing/zipkinEndpoint', { tracing: { zipkinEndpoint: 'zipkin:9411' } }],
  ])('%s is refused by name', async ([name, values]) => {
    await expect(renderWith(values)).rejects.toThrow(name)
  })

  /** The values of the trial with these over them. */
  async function renderWith(values: object): Promise<string> {
    const args = ['template', 'fanone', chartFolder, '--kube-version=1.33', kind, '--values=-']
    return (await execa(helm, args, { input: stringify(values) })).stdout
  }
})
