import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { type Access, type Edge, readAccess } from './access.ts'
import { renderArchitecture } from './call-graph.ts'
import { eventContracts, listedServices, operationsOf, root, subscriptionsOf } from './facts.ts'

const services = listedServices()
const access = readAccess()
const edges = access.flatMap(({ callers }) => callers)

test('docs/architecture.md shows the access lists (npm run docs)', () => {
  expect(readFileSync(join(root, 'docs/architecture.md'), 'utf8')).toBe(renderArchitecture())
})

describe.each(access)('the access list of $appId', ({ appId, callers, calledByNobody, apis, secrets, spec }) => {
  it('refuses whatever it does not name', () => {
    expect(spec.accessControl).toMatchObject({ defaultAction: 'deny', trustDomain: 'public' })
    for (const policy of spec.accessControl.policies ?? []) {
      expect(policy).toMatchObject({ namespace: 'default', trustDomain: 'public', defaultAction: 'deny' })
      for (const { name, httpVerb, action } of policy.operations)
        expect({ name, httpVerb, action }).toEqual({
          name: expect.stringMatching(/^\/internal\/[a-z]\w*\.[a-z]\w*$/i),
          httpVerb: ['POST'],
          action: 'allow',
        })
    }
    expect(spec.secrets.scopes).toMatchObject([{ storeName: 'secretstore', defaultAccess: 'deny' }])
  })

  it('names operations that there are, and every one of them', () => {
    const allowed = callers.flatMap(({ operations }) => operations)
    expect(new Set([...allowed, ...calledByNobody])).toEqual(new Set(operationsOf(appId)))
    expect(calledByNobody.filter((name) => allowed.includes(name))).toEqual([])
  })

  it('names callers that there are, each once and with a reason', () => {
    const names = callers.map(({ caller }) => caller)
    expect(services.map(({ appID }) => appID)).toEqual(expect.arrayContaining(names))
    expect(new Set(names).size).toBe(names.length)
    for (const { why } of callers) expect(why).toMatch(/\w{3}/)
  })

  it('opens the parts of the sidecar that the service uses, and no other', () => {
    const sendsEvents = eventContracts().some(({ owner }) => owner === appId)
    const needed = [
      'invoke', // if only to ask for its own service, as a rolling restart does; other services have their own lists
      // Who receives events adds what it cannot handle to its dead letters.
      ...(sendsEvents || subscriptionsOf(appId).length > 0 ? ['publish'] : []),
      ...(component('statestore').scopes?.includes(appId) ? ['state'] : []),
      ...(secrets.length > 0 ? ['secrets'] : []),
    ]
    expect(new Set(apis)).toEqual(new Set(needed))
    // Dapr takes an empty list as leave to use everything.
    expect(spec.api.allowed.filter(({ protocol }) => protocol === 'grpc')).toHaveLength(1)
  })

  it('lets the service read the password of its own database and of no other', () => {
    const owned = services.find(({ appID }) => appID === appId)?.env?.DATABASE === undefined ? [] : [appId]
    expect(secrets.filter((name) => name.startsWith('mysql-password'))).toEqual(
      owned.map((owner) => `mysql-password-${owner}`),
    )
  })
})

describe('the call graph', () => {
  it('has no cycle', () => {
    expect(cycleIn(edges)).toBeUndefined()
  })

  it('would be refused with one', () => {
    const edge = (caller: string, callee: string): Edge => ({ caller, callee, why: '', operations: [] })
    const back = edge('video', 'gateway')
    expect(cycleIn([edge('gateway', 'feed'), edge('feed', 'video'), back])).toEqual([
      'gateway',
      'feed',
      'video',
      'gateway',
    ])
  })

  it('gives every caller a deadline: a target in components/resiliency.yaml', () => {
    const { targets } = component('resiliency').spec as unknown as { targets: { apps: object } }
    const called = access.filter(({ callers }: Access) => callers.length > 0).map(({ appId }) => appId)
    expect(new Set(Object.keys(targets.apps))).toEqual(new Set(called))
  })
})

describe('the pub/sub component', () => {
  const { spec, scopes } = component('pubsub')
  const value = (name: string) => spec.metadata.find((entry) => entry.name === name)?.value ?? ''
  const wanted = services.map(({ appID }) => ({
    appId: appID,
    sends: eventContracts()
      .filter(({ owner }) => owner === appID)
      .map(({ event }) => event.topic),
    deadLetters: [...new Set(subscriptionsOf(appID).flatMap(({ deadLetterTopic }) => deadLetterTopic ?? []))],
    receives: subscriptionsOf(appID).map(({ topic }) => topic),
  }))

  it('lets each service send its own events and its dead letters, and no other', () => {
    expect(readScopes(value('publishingScopes'))).toEqual(
      scopesOf(wanted.map(({ appId, sends, deadLetters }) => [appId, [...sends, ...deadLetters]])),
    )
  })

  it('lets each service receive what it subscribes to, and nothing else', () => {
    expect(readScopes(value('subscriptionScopes'))).toEqual(
      scopesOf(wanted.map(({ appId, receives }) => [appId, receives])),
    )
  })

  it('protects every topic from who is named nowhere', () => {
    const topics = wanted.flatMap(({ sends, deadLetters, receives }) => [...sends, ...deadLetters, ...receives])
    expect(new Set(splitList(value('protectedTopics')))).toEqual(new Set(topics))
  })

  it('has its lists on one line each, as YAML folds them: Dapr takes a line break for a part of the next name', () => {
    for (const { name, value } of spec.metadata)
      expect({ name, value }).toEqual({ name, value: value.replace(/\s+/g, ' ') })
  })

  it('is there for who sends or receives events', () => {
    const users = wanted.filter(({ sends, receives }) => sends.length + receives.length > 0)
    expect(new Set(scopes)).toEqual(new Set(users.map(({ appId }) => appId)))
  })
})

interface Component {
  spec: { metadata: { name: string; value: string }[] }
  scopes?: string[]
}

function component(name: string): Component {
  return parse(readFileSync(join(root, `components/${name}.yaml`), 'utf8')) as Component
}

const splitList = (text: string) => text.split(',').map((item) => item.trim())

/** Reads `a=x,y; b=z` as Dapr does. */
function readScopes(text: string): Record<string, Set<string>> {
  const entries = text.split(';').map((part): [string, Set<string>] => {
    const [appId = '', topics = ''] = part.split('=')
    return [appId.trim(), new Set(splitList(topics))]
  })
  return Object.fromEntries(entries)
}

function scopesOf(wanted: [string, string[]][]): Record<string, Set<string>> {
  return Object.fromEntries(
    wanted.filter(([, topics]) => topics.length > 0).map(([appId, topics]) => [appId, new Set(topics)]),
  )
}

/** A way through the graph that ends where it began, or undefined. */
function cycleIn(graph: readonly Edge[]): string[] | undefined {
  const search = (path: string[]): string[] | undefined => {
    const last = path.at(-1)
    for (const { callee } of graph.filter(({ caller }) => caller === last)) {
      if (path.includes(callee)) return [...path.slice(path.indexOf(callee)), callee]
      const found = search([...path, callee])
      if (found !== undefined) return found
    }
    return undefined
  }
  for (const { caller } of graph) {
    const found = search([caller])
    if (found !== undefined) return found
  }
  return undefined
}
