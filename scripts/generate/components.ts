import { metaOf } from '@fanone/contracts'
import type { ServiceDeclaration } from '@fanone/service-kit'
import { deadLettersOf, edges, operationsOf, topicsSentBy, topicsTakenBy } from './declarations.ts'
import type { Regions } from './regions.ts'

/** An operation that may take longer gives its whole service the long timeout: Dapr has one. */
const LONG_MS = 30_000

/** The parts of components/pubsub.yaml: every topic, who sends it and who takes it. */
export function pubsubRegions(services: readonly ServiceDeclaration[]): Regions {
  const sent = services.map((service) => ({
    appId: service.appId,
    topics: [...topicsSentBy(service.appId), ...deadLettersOf(service)],
  }))
  const taken = services.map((service) => ({
    appId: service.appId,
    topics: [...topicsTakenBy(service), ...deadLettersOf(service)],
  }))
  const users = sent.filter(({ topics }) => topics.length > 0)
  return {
    topics: [
      '    - name: protectedTopics # every topic there is: none can be used by a service that is not named below',
      folded(
        users.map(({ topics }) => topics.join(', ')),
        ',',
      ),
      '    - name: publishingScopes # a service sends its own events; its sidecar sends its dead letters',
      folded(scopesOf(sent), ';'),
      '    - name: subscriptionScopes',
      folded(scopesOf(taken), ';'),
    ].join('\n'),
    scopes: scopeList(users.map(({ appId }) => appId)),
  }
}

const scopesOf = (users: { appId: string; topics: string[] }[]) =>
  users.filter(({ topics }) => topics.length > 0).map(({ appId, topics }) => `${appId}=${topics.join(', ')}`)

/** YAML folds the lines into one: Dapr takes a line break for a part of the next name. */
function folded(lines: string[], separator: string): string {
  return ['      value: >-', lines.map((line) => `        ${line}`).join(`${separator}\n`)].join('\n')
}

/** The part of components/statestore.yaml: whose state is there. */
export function statestoreRegions(services: readonly ServiceDeclaration[]): Regions {
  return { scopes: scopeList(services.filter(({ state }) => state).map(({ appId }) => appId)) }
}

const scopeList = (appIds: string[]) => ['scopes:', ...appIds.map((appId) => `  - ${appId}`)].join('\n')

/** The part of components/resiliency.yaml: every service that another calls. */
export function resiliencyRegions(services: readonly ServiceDeclaration[]): Regions {
  const callees = services.filter(({ appId }) => edges.some(({ callee }) => callee === appId))
  const targets = callees.flatMap(({ appId, contract }) => [
    `      ${appId}:`,
    `        timeout: ${contract && isLong(contract) ? 'invokeLong' : 'invoke'}`,
    '        retry: nextInstance',
    '        circuitBreaker: peer',
  ])
  return { targets: ['    apps:', ...targets].join('\n') }
}

function isLong(contract: NonNullable<ServiceDeclaration['contract']>): boolean {
  return operationsOf(contract).some((name) => metaOf(contract, name.split('.')).timeoutMs > LONG_MS)
}
