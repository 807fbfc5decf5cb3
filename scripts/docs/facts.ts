import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as contracts from '@fanone/contracts'
import { parse, parseAllDocuments } from 'yaml'

// Facts about the services, read from the code by generated pages and by tests.

export const root = resolve(import.meta.dirname, '../..')

/** A service as dapr.yaml lists it. */
export interface ListedService {
  appID: string
  env?: Record<string, string>
}

export function listedServices(): ListedService[] {
  return (parse(readFileSync(join(root, 'dapr.yaml'), 'utf8')) as { apps: ListedService[] }).apps
}

/** What each service's file of contracts declares, by app id; the gateway has none. */
const declared = new Map<string, Record<string, unknown>>()
for (const { appID } of listedServices()) {
  const file = join(root, `packages/contracts/src/${appID}.ts`)
  declared.set(appID, existsSync(file) ? await import(file) : {})
}

/** Every event by topic, with its export name and the service that sends it. */
export function eventContracts(): { name: string; event: contracts.EventContract; owner: string }[] {
  return [...declared]
    .flatMap(([owner, exported]) => Object.entries(exported).map(([name, event]) => ({ name, event, owner })))
    .filter((entry): entry is { name: string; event: contracts.EventContract; owner: string } => isEvent(entry.event))
    .toSorted((a, b) => a.event.topic.localeCompare(b.event.topic))
}

function isEvent(value: unknown): value is contracts.EventContract {
  return typeof value === 'object' && value !== null && 'topic' in value && 'version' in value
}

/** The operations of a service's contract, such as `videos.getMany`; none without a contract. */
export function operationsOf(appId: string): string[] {
  const contract = (contracts as Record<string, unknown>)[`${appId}Contract`] ?? {}
  return Object.entries(contract).flatMap(([noun, verbs]) => Object.keys(verbs).map((verb) => `${noun}.${verb}`))
}

/** A document of a service's dapr/subscriptions.yaml. */
export interface SubscriptionFile {
  metadata: { name: string }
  spec: {
    topic: string
    deadLetterTopic?: string
    /** There where events come in batches. */
    bulkSubscribe?: { enabled: boolean; maxAwaitDurationMs: number }
    metadata?: Record<string, string>
  }
}

/** What a service's own file subscribes to. */
export function subscriptionFiles(appId: string): SubscriptionFile[] {
  const file = join(root, `services/${appId}/dapr/subscriptions.yaml`)
  if (!existsSync(file)) return []
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as SubscriptionFile)
}

/** What reaches a service, from its own file. */
export function subscriptionsOf(appId: string): SubscriptionFile['spec'][] {
  return subscriptionFiles(appId).map(({ spec }) => spec)
}
