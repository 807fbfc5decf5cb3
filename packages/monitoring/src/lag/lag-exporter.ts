import { createServer, type Server } from 'node:http'
import { Admin } from '@platformatic/kafka'
import { Gauge, Registry } from 'prom-client'
import { type ConsumerLag, readConsumerLag } from './consumer-lag.ts'

const TIMEOUT_MS = 5_000
const STARTED_AT_SECONDS = performance.timeOrigin / 1_000

/**
 * Serves at `/metrics` how far consumer groups are, asking Kafka at each scrape. Answers 503 while
 * the broker does not, so that Prometheus has no lag rather than a wrong one.
 */
export function lagExporter({ broker, groups }: { broker: string; groups: readonly string[] }): Server {
  let admin: Admin | undefined
  const read = async () => {
    admin ??= new Admin({
      clientId: 'lag',
      bootstrapBrokers: [broker],
      retries: 1,
      connectTimeout: TIMEOUT_MS,
      requestTimeout: TIMEOUT_MS,
    })
    return readConsumerLag(admin, groups)
  }
  return createServer(async (request, response) => {
    if (request.url !== '/metrics') return response.writeHead(request.url === '/' ? 200 : 404).end()
    try {
      const registry = registryOf(await read())
      response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics())
    } catch (error) {
      // A client whose broker has changed may hold on to what it knew.
      void admin?.close().catch(() => {})
      admin = undefined
      response.writeHead(503).end(`${error}\n`)
    }
  })
}

/** New for each answer, so that a topic or group that is gone is gone from it. */
function registryOf({ groups, written }: ConsumerLag): Registry {
  const registry = new Registry()
  const registers = [registry]
  const lag = new Gauge({
    name: 'fanone_consumer_lag',
    help: 'Messages of a topic that a consumer group has not committed',
    labelNames: ['group', 'topic'] as const,
    registers,
  })
  const members = new Gauge({
    name: 'fanone_consumer_members',
    help: 'Members of a consumer group',
    labelNames: ['group'] as const,
    registers,
  })
  const messages = new Gauge({
    name: 'fanone_topic_messages',
    help: 'Messages that a topic has had since it was made',
    labelNames: ['topic'] as const,
    registers,
  })
  new Gauge({ name: 'process_start_time_seconds', help: 'When this exporter started (Unix time)', registers }).set(
    STARTED_AT_SECONDS,
  )
  for (const group of groups) {
    members.set({ group: group.group }, group.members)
    for (const [topic, value] of group.lag) lag.set({ group: group.group, topic }, value)
  }
  for (const [topic, value] of written) messages.set({ topic }, value)
  return registry
}
