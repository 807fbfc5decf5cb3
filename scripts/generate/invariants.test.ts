import { serviceContracts } from '@fanone/contracts'
import { describe, expect, it, test } from 'vitest'
import {
  apisOf,
  type Edge,
  edges,
  events,
  operationsOf,
  secretsOf,
  services,
  topicsSentBy,
  topicsTakenBy,
} from './declarations.ts'

describe.each(services)('$appId', ({ appId, port, contract, commandLine = {}, ...service }) => {
  it('has the contract that its callers have', () => {
    expect(contract).toBe((serviceContracts as Record<string, unknown>)[appId])
  })

  it('has every operation called by another service or by the command line, and by one of them only', () => {
    const called = edges.filter(({ callee }) => callee === appId).flatMap(({ operations }) => operations)
    const names = new Set(called.map(({ name }) => name))
    expect(new Set([...names, ...Object.keys(commandLine)])).toEqual(new Set(operationsOf(contract)))
    expect(Object.keys(commandLine).filter((name) => names.has(name))).toEqual([])
  })

  it('gives a reason for every call', () => {
    for (const { operations } of edges.filter(({ caller }) => caller === appId))
      for (const { why } of operations) expect(why).toMatch(/\w{3}/)
  })

  it('has a column of ten ports of its own', () => {
    expect(port % 10).toBe(0)
    expect(port).toBeGreaterThanOrEqual(7100)
    expect(port).toBeLessThan(7300)
    expect(services.filter((other) => other.port === port)).toHaveLength(1)
  })

  it('reads the password of its own database and of no other', () => {
    const passwords = secretsOf({ appId, port, ...service }).filter((name) => name.startsWith('mysql-password'))
    expect(passwords).toEqual(service.database ? [`mysql-password-${appId}`] : [])
  })

  it('may publish where it sends events or may have dead letters, and only there', () => {
    const apis = apisOf({ appId, port, ...service }).map(({ name }) => name)
    const publishes = topicsSentBy(appId).length + topicsTakenBy({ appId, port, ...service }).length > 0
    expect(apis.includes('publish')).toBe(publishes)
  })
})

test('an event that is taken is sent by somebody', () => {
  const sent = events.map(({ event }) => event.topic)
  for (const service of services) expect(sent).toEqual(expect.arrayContaining(topicsTakenBy(service)))
})

describe('the call graph', () => {
  it('has no cycle', () => {
    expect(cycleIn(edges)).toBeUndefined()
  })

  it('would be refused with one', () => {
    const edge = (caller: string, callee: string): Edge => ({ caller, callee, operations: [] })
    const back = edge('video', 'gateway')
    expect(cycleIn([edge('gateway', 'feed'), edge('feed', 'video'), back])).toEqual([
      'gateway',
      'feed',
      'video',
      'gateway',
    ])
  })

  it('leads nobody to the gateway', () => {
    expect(edges.filter(({ callee }) => callee === 'gateway')).toEqual([])
  })
})

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
