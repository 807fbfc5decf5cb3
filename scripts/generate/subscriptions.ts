import { DEAD_LETTER_ROUTE, eventOf, eventRoute, type ServiceDeclaration } from '@fanone/service-kit'
import { deadLettersOf } from './declarations.ts'

/** Short enough that what is counted shows within a second, long enough that batches fill. */
const MAX_BATCH_WAIT_MS = 100

/** services/<app-id>/dapr/subscriptions.yaml: which events reach a service, and where. */
export function renderSubscriptions(service: ServiceDeclaration): string {
  const { appId, subscribes = [] } = service
  const documents = subscribes.map((entry) => {
    const { topic } = eventOf(entry)
    return [
      ...head(appId, topic, eventRoute(topic)),
      ...deadLettersOf(service).map((deadLetters) => `  deadLetterTopic: ${deadLetters}`),
      ...('event' in entry ? batches(entry.maxEvents) : []),
      `scopes: [${appId}]`,
    ]
  })
  const letters = deadLettersOf(service).map((topic) => [
    '# What cannot be handled, from the sidecar or the service. Raw, because it may be anything.',
    ...head(appId, topic, DEAD_LETTER_ROUTE),
    '  metadata:',
    '    rawPayload: "true"',
    `scopes: [${appId}]`,
  ])
  return [
    `# Which events reach ${appId}, and where. Written by npm run generate from services/${appId}/service.ts.`,
    [...documents, ...letters].map((lines) => lines.join('\n')).join('\n---\n'),
    '',
  ].join('\n')
}

function head(appId: string, topic: string, route: string): string[] {
  const name = topic.startsWith(`${appId}.`) && topic.endsWith('dead-letters') ? 'dead-letters' : topic
  return [
    'apiVersion: dapr.io/v2alpha1',
    'kind: Subscription',
    'metadata:',
    `  name: ${appId}-${name.replaceAll('.', '-')}`,
    'spec:',
    '  pubsubname: pubsub',
    `  topic: ${topic}`,
    '  routes:',
    `    default: ${route}`,
  ]
}

function batches(maxEvents: number): string[] {
  return [
    '  bulkSubscribe:',
    '    enabled: true',
    `    maxMessagesCount: ${maxEvents}`,
    `    maxAwaitDurationMs: ${MAX_BATCH_WAIT_MS}`,
  ]
}
