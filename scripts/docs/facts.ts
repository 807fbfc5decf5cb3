import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as contracts from '@fanone/contracts'
import { parse, parseAllDocuments } from 'yaml'

// What the code says about the services: read by the pages that are made from it and by the tests that hold files against it.

export const root = resolve(import.meta.dirname, '../..')

/** A service as dapr.yaml lists it. */
export interface ListedService {
  appID: string
  env?: Record<string, string>
}

export function listedServices(): ListedService[] {
  return (parse(readFileSync(join(root, 'dapr.yaml'), 'utf8')) as { apps: ListedService[] }).apps
}

/** Every event with the name it is exported by, in the order of the topics. */
export function eventContracts(): { name: string; event: contracts.EventContract; owner: string }[] {
  return Object.entries(contracts as Record<string, unknown>)
    .filter((entry): entry is [string, contracts.EventContract] => isEvent(entry[1]))
    .toSorted(([, a], [, b]) => a.topic.localeCompare(b.topic))
    .map(([name, event]) => ({ name, event, owner: ownerOf(event.topic) }))
}

/** An event belongs to the service whose module of the contracts declares it: `content.liked` is interaction's. */
function ownerOf(topic: string): string {
  const folder = join(root, 'packages/contracts/src')
  const declaration = new RegExp(`defineEvent\\(\\s*'${topic}'`)
  const modules = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  const file = modules.find((name) => declaration.test(readFileSync(join(folder, name), 'utf8')))
  return file?.replace('.ts', '') ?? ''
}

function isEvent(value: unknown): value is contracts.EventContract {
  return typeof value === 'object' && value !== null && 'topic' in value && 'version' in value
}

/** The operations of a service's contract, such as `videos.getMany`; none when it has no contract. */
export function operationsOf(appId: string): string[] {
  const contract = (contracts as Record<string, unknown>)[`${appId}Contract`] ?? {}
  return Object.entries(contract).flatMap(([noun, verbs]) => Object.keys(verbs).map((verb) => `${noun}.${verb}`))
}

interface Subscription {
  topic: string
  deadLetterTopic?: string
}

/** What reaches a service, from its own file. */
export function subscriptionsOf(appId: string): Subscription[] {
  const file = join(root, `services/${appId}/dapr/subscriptions.yaml`)
  if (!existsSync(file)) return []
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS().spec as Subscription)
}
