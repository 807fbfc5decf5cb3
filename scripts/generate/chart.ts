import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceDeclaration } from '@fanone/service-kit'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { renderAccess } from './access.ts'
import { databaseName } from './dapr-yaml.ts'
import { deadLettersOf, root, secretsOf, topicsSentBy, topicsTakenBy } from './declarations.ts'
import { renderSubscriptions } from './subscriptions.ts'

/** A resource of Dapr, as a file of the local stack has it. */
interface Resource {
  metadata: { name: string }
  spec: Record<string, unknown>
  scopes?: string[]
}

/**
 * charts/fanone/files/declared.yaml: all that the templates know of services, and Dapr's resources
 * with what the local stack gives them. Addresses and the secret store are the chart's own.
 *
 * @param files the generated files of components/, which may not be on disk yet
 */
export function renderChartDeclarations(
  services: readonly ServiceDeclaration[],
  files: Readonly<Record<'pubsub' | 'statestore' | 'resiliency', string>>,
): string {
  const configuration = read('dapr/config.yaml')
  const declared = {
    services: Object.fromEntries(services.map((service) => [service.appId, chartService(service)])),
    ...commonSettings(),
    // The name resolution of a cluster is Kubernetes' own.
    configuration: { ...configuration.spec, nameResolution: undefined },
    components: Object.fromEntries([files.pubsub, files.statestore].map(component)),
    resiliency: (parse(files.resiliency) as Resource).spec,
  }
  return `# What services declare, for the templates. Written by npm run generate.\n${stringify(declared, { lineWidth: 0, aliasDuplicateObjects: false })}`
}

function chartService(service: ServiceDeclaration) {
  const { appId, port, database, redis, state, mediaFiles, programs, env = {} } = service
  const outside = Object.entries(env).filter(([, value]) => isLocalAddress(value))
  const access = parse(renderAccess(service)) as Resource
  return {
    port,
    ...(env.HTTP_PORT !== undefined && { publicPort: Number(env.HTTP_PORT) }),
    image: programs?.includes('ffmpeg') ? 'media' : 'services',
    ...(database && { database: databaseName(appId) }),
    ...(mediaFiles && { media: true }),
    ...(state && { state: true }),
    ...(topicsSentBy(appId).length + topicsTakenBy(service).length > 0 && { events: true }),
    /** Variables with addresses of servers that the chart does not bring. */
    addresses: [
      ...(database ? ['MYSQL_ADDRESS'] : []),
      ...(redis ? ['REDIS_ADDRESS'] : []),
      ...outside.map(([name]) => name),
    ],
    env: Object.fromEntries(Object.entries(env).filter(([, value]) => !isLocalAddress(value))),
    secrets: secretsOf(service),
    access: access.spec,
    subscriptions: subscriptionsOf(service),
  }
}

const isLocalAddress = (value: string) => value.startsWith('127.0.0.1:')

function subscriptionsOf(service: ServiceDeclaration) {
  if (deadLettersOf(service).length === 0) return []
  return parseAllDocuments(renderSubscriptions(service)).map((document) => {
    const { metadata, spec } = document.toJS() as Resource
    return { name: metadata.name, spec }
  })
}

function component(text: string): [string, Pick<Resource, 'spec' | 'scopes'>] {
  const { metadata, spec, scopes = [] } = parse(text) as Resource
  return [metadata.name, { spec, scopes }]
}

/** What dapr.yaml says of every service and every sidecar; the latter become annotations. */
function commonSettings() {
  const { common } = parse(readFileSync(join(root, 'dapr.yaml'), 'utf8')) as { common: Record<string, unknown> }
  const { GOGC, NODE_OPTIONS } = common.env as Record<string, string>
  const sidecar = {
    maxBodySize: common.maxBodySize,
    readBufferSize: common.readBufferSize,
    healthPath: common.appHealthCheckPath,
    healthInterval: common.appHealthProbeInterval,
    healthTimeout: common.appHealthProbeTimeout,
    healthThreshold: common.appHealthThreshold,
    logLevel: common.logLevel,
    env: { GOGC },
  }
  return { env: { NODE_OPTIONS }, sidecar }
}

const read = (path: string) => parse(readFileSync(join(root, path), 'utf8')) as Resource
