import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { edges, root, services, topicsTakenBy } from '../generate/declarations.ts'
import { readExample } from './chart.ts'

// What a platform team would look for, in the rendered output.

interface Container {
  image: string
  command: string[]
  securityContext: Record<string, unknown>
  resources: { requests: Record<string, string>; limits: Record<string, string> }
  startupProbe: object
  readinessProbe: object
  livenessProbe: object
  lifecycle: { preStop: { sleep: { seconds: number } } }
  env: { name: string; value?: string }[]
}
interface PodTemplate {
  metadata: { labels: Record<string, string>; annotations: Record<string, string> }
  spec: Record<string, unknown> & {
    containers: [Container]
    serviceAccountName: string
    terminationGracePeriodSeconds: number
  }
}
interface Resource {
  apiVersion: string
  kind: string
  metadata: { name: string; annotations?: Record<string, string> }
  spec: Record<string, unknown> & { template: PodTemplate }
  scopes?: string[]
  [field: string]: unknown
}

const resources = parseAllDocuments(readExample())
  .map((document) => document.toJS() as Resource | null)
  .filter((resource) => resource !== null)
const ofKind = (kind: string) => resources.filter((resource) => resource.kind === kind)
const named = (kind: string, name: string) => {
  const found = ofKind(kind).filter(({ metadata }) => metadata.name === name)
  expect(found, `${kind} ${name}`).toHaveLength(1)
  return found[0] as Resource
}
const pods = [...ofKind('Deployment'), ...ofKind('Job')].map(({ metadata, spec }) => ({
  name: metadata.name,
  pod: spec.template,
}))

describe.each(pods)('$name', ({ pod }) => {
  const [container] = pod.spec.containers

  test('meets the level "restricted" of Pod Security', () => {
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(pod.spec).not.toHaveProperty('hostNetwork')
  })

  test('has no token of Kubernetes, asks for memory and CPU, and may not take more memory than it says', () => {
    expect(pod.spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
    expect(Object.keys(container.resources.requests).toSorted()).toEqual(['cpu', 'memory'])
    expect(container.resources.limits.memory).toBeDefined()
    expect(container.image).toMatch(/:(?!latest$)[\w.-]+$/)
  })

  test('no secret is the value of a variable', () => {
    const secret = (container.env ?? []).filter(({ name, value }) => /TOKEN|PASSWORD|SECRET$/.test(name) && value)
    expect(secret).toEqual([])
  })
})

describe.each(services)('$appId in a cluster', (service) => {
  const { appId, port } = service

  test('has a deployment with its sidecar, an account, and a budget for disruptions', () => {
    const { spec } = named('Deployment', appId)
    expect(spec.template.metadata.annotations).toMatchObject({
      'dapr.io/app-id': appId,
      'dapr.io/app-port': String(port),
      'dapr.io/config': appId,
    })
    expect(spec.template.spec.serviceAccountName).toBe(appId)
    for (const kind of ['ServiceAccount', 'PodDisruptionBudget', 'HorizontalPodAutoscaler']) named(kind, appId)
  })

  test('has three probes that differ, and time for all that its end takes', () => {
    const { spec, metadata } = named('Deployment', appId).spec.template
    const { startupProbe, readinessProbe, livenessProbe, lifecycle } = spec.containers[0]
    expect(new Set([startupProbe, readinessProbe, livenessProbe].map((probe) => JSON.stringify(probe))).size).toBe(3)
    const sidecar = Number(metadata.annotations['dapr.io/graceful-shutdown-seconds'])
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(lifecycle.preStop.sleep.seconds + sidecar)
  })

  test('is called by whom its access list names, as locally', () => {
    const local = parse(readFileSync(join(root, `dapr/access/${appId}.yaml`), 'utf8')) as Resource
    const { spec } = named('Configuration', appId)
    const text = (value: unknown) => JSON.stringify(value).replaceAll('"namespace":"default"', '"namespace":"fanone"')
    for (const [field, value] of Object.entries(local.spec)) expect(sorted(spec[field])).toBe(text(sortKeys(value)))
  })

  test('is reached by its callers only, whatever they say', () => {
    const policy = named('NetworkPolicy', appId).spec as unknown as Record<'ingress' | 'egress', Rule[] | null>
    const callers = edges.filter(({ callee }) => callee === appId).map(({ caller }) => caller)
    const callees = edges.filter(({ caller }) => caller === appId).map(({ callee }) => callee)
    expect(peersOf(policy.ingress)).toEqual(callers.toSorted())
    expect(peersOf(policy.egress)).toEqual(callees.toSorted())
  })

  test('gets the events it takes, as locally', () => {
    const own = ofKind('Subscription').filter(({ scopes }) => scopes?.includes(appId))
    if (topicsTakenBy(service).length === 0) return expect(own).toEqual([])
    const local = parseAllDocuments(readFileSync(join(root, `services/${appId}/dapr/subscriptions.yaml`), 'utf8'))
    const plain = (list: Resource[]) =>
      list.map(({ metadata, spec }) => [metadata.name, sorted(spec)].join(' ')).toSorted()
    expect(plain(own)).toEqual(plain(local.map((document) => document.toJS() as Resource)))
  })
})

interface Rule {
  ports?: { port: number }[]
  from?: Peer[]
  to?: Peer[]
}
interface Peer {
  podSelector?: { matchExpressions: { values: string[] }[] }
}

/** The services at the port that sidecars speak to each other on. */
function peersOf(rules: Rule[] | null): string[] {
  const ofSidecars = (rules ?? []).filter(({ ports }) => ports?.some(({ port }) => port === 50_002))
  const peers = ofSidecars.flatMap(({ from = [], to = [] }) => [...from, ...to])
  return peers
    .flatMap(({ podSelector }) => podSelector?.matchExpressions.flatMap(({ values }) => values) ?? [])
    .toSorted()
}

const sorted = (value: unknown) => JSON.stringify(sortKeys(value))

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]) => [key, sortKeys(one)])
      .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  )
}
