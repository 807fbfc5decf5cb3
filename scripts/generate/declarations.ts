import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { EventContract } from '@fanone/contracts'
import { eventOf, type ServiceDeclaration } from '@fanone/service-kit'
import type { AnyContractRouter } from '@orpc/contract'

// What services declare, and what follows from it for others.

export const root = resolve(import.meta.dirname, '../..')

/** The folders of `services`, which are app ids. */
export function serviceFolders(): string[] {
  const entries = readdirSync(join(root, 'services'), { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

/** Every service's declaration, `services/<app-id>/service.ts`, by its port. */
export const services: readonly ServiceDeclaration[] = (
  await Promise.all(serviceFolders().map(readDeclaration))
).toSorted((a, b) => a.port - b.port)

async function readDeclaration(folder: string): Promise<ServiceDeclaration> {
  const file = join(root, 'services', folder, 'service.ts')
  const { default: service } = (await import(file)) as { default: ServiceDeclaration }
  if (service.appId !== folder) throw new Error(`services/${folder}/service.ts declares ${service.appId}`)
  return service
}

/** An event, the name it is exported by, and its sender: the service whose module exports it. */
export interface SentEvent {
  name: string
  event: EventContract
  owner: string
}

/** Every event there is, by topic. */
export const events: readonly SentEvent[] = (await Promise.all(services.map(eventsOf)))
  .flat()
  .toSorted((a, b) => a.event.topic.localeCompare(b.event.topic))

async function eventsOf({ appId, contract }: ServiceDeclaration): Promise<SentEvent[]> {
  if (contract === undefined) return []
  const exported: Record<string, unknown> = await import(join(root, `packages/contracts/src/${appId}.ts`))
  return Object.entries(exported).flatMap(([name, event]) => (isEvent(event) ? [{ name, event, owner: appId }] : []))
}

function isEvent(value: unknown): value is EventContract {
  return typeof value === 'object' && value !== null && 'topic' in value && 'version' in value
}

/** The topics of the events that a service sends. */
export const topicsSentBy = (appId: string): string[] =>
  events.filter(({ owner }) => owner === appId).map(({ event }) => event.topic)

/** The topics of the events that a service takes. */
export const topicsTakenBy = ({ subscribes = [] }: ServiceDeclaration): string[] =>
  subscribes.map((entry) => eventOf(entry).topic)

/** Where what a service cannot handle goes; a service that takes no events has none. */
export const deadLettersOf = (service: ServiceDeclaration): string[] =>
  topicsTakenBy(service).length > 0 ? [`${service.appId}.dead-letters`] : []

/** The names of a contract's operations, such as `videos.getMany`. */
export function operationsOf(contract: AnyContractRouter | undefined): string[] {
  return Object.entries(contract ?? {}).flatMap(([noun, verbs]) => Object.keys(verbs).map((verb) => `${noun}.${verb}`))
}

/** What one service may ask of another, with the reason for each operation. */
export interface Edge {
  caller: string
  callee: string
  operations: { name: string; why: string }[]
}

/** The call graph, by caller. */
export const edges: readonly Edge[] = services.flatMap(({ appId, calls = {} }) =>
  Object.entries(calls).map(([callee, operations]) => ({
    caller: appId,
    callee,
    operations: Object.entries(operations).map(([name, why]) => ({ name, why })),
  })),
)

/** The secrets that a service may read. */
export function secretsOf({ appId, database, redis, secrets = [] }: ServiceDeclaration): string[] {
  return [...(database ? [`mysql-password-${appId}`] : []), ...(redis ? ['redis-password'] : []), ...secrets]
}

/** The groups of the sidecar's HTTP API that a service uses, with a reason where one is needed. */
export function apisOf(service: ServiceDeclaration): { name: string; why?: string }[] {
  const sends = topicsSentBy(service.appId).length > 0
  return [
    service.calls ? { name: 'invoke' } : { name: 'invoke', why: 'a rolling restart asks for the service itself' },
    ...(sends
      ? [{ name: 'publish' }]
      : deadLettersOf(service).map(() => ({ name: 'publish', why: 'its dead letters' }))),
    ...(service.state ? [{ name: 'state' }] : []),
    ...(secretsOf(service).length > 0 ? [{ name: 'secrets' }] : []),
  ]
}
