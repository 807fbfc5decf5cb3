import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { App } from '../stack/manifest.ts'

/** The topics that each service takes, by its app id, which is its consumer group. */
export function topicsOfConsumers(apps: readonly App[]): Map<string, string[]> {
  return new Map(apps.map(({ appId, dir }) => [appId, topicsIn(join(dir, 'dapr/subscriptions.yaml'))]))
}

/** Dead letters are kept for as long as Kafka does, whoever has seen them. */
function topicsIn(file: string): string[] {
  if (!existsSync(file)) return []
  const documents = parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS())
  return documents.map(({ spec }) => spec.topic as string).filter((topic) => !topic.endsWith('.dead-letters'))
}
