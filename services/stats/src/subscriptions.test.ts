import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEAD_LETTER_ROUTE, eventRoute } from '@fanone/service-kit'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { subscriptions } from './counter/counter.events.ts'

interface SubscriptionFile {
  metadata: { name: string }
  spec: {
    pubsubname: string
    topic: string
    routes: { default: string }
    deadLetterTopic?: string
    bulkSubscribe?: { enabled: boolean; maxAwaitDurationMs: number }
  }
  scopes: string[]
}

const deadLetterTopic = 'stats.dead-letters'
const file = readFileSync(join(import.meta.dirname, '../dapr/subscriptions.yaml'), 'utf8')
const documents = parseAllDocuments(file).map((document) => document.toJS() as SubscriptionFile)
const topics = subscriptions({} as never).map(({ event }) => event.topic)

test('the file subscribes to what the code counts, and to the dead letters', () => {
  expect(documents.map(({ spec }) => spec.topic).toSorted()).toEqual([...topics, deadLetterTopic].toSorted())
})

test('what is counted comes in batches that do not wait long, and what cannot be counted goes to the dead letters', () => {
  for (const { spec, scopes } of documents) {
    const isDeadLetters = spec.topic === deadLetterTopic
    expect(spec.routes.default).toBe(isDeadLetters ? DEAD_LETTER_ROUTE : eventRoute(spec.topic))
    expect(spec.deadLetterTopic).toBe(isDeadLetters ? undefined : deadLetterTopic)
    expect(spec.bulkSubscribe?.enabled ?? false).toBe(!isDeadLetters)
    expect(spec.bulkSubscribe?.maxAwaitDurationMs ?? 0).toBeLessThanOrEqual(100)
    expect([spec.pubsubname, scopes]).toEqual(['pubsub', ['stats']])
  }
})
