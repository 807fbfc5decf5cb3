import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEAD_LETTER_ROUTE, eventRoute } from '@fanone/service-kit'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { subscriptions } from './subscriptions.ts'

interface SubscriptionFile {
  apiVersion: string
  kind: string
  metadata: { name: string }
  spec: { pubsubname: string; topic: string; routes: { default: string }; deadLetterTopic?: string; metadata?: object }
  scopes: string[]
}

const deadLetterTopic = 'user.dead-letters'
const file = readFileSync(join(import.meta.dirname, '../dapr/subscriptions.yaml'), 'utf8')
const documents = parseAllDocuments(file).map((document) => document.toJS() as SubscriptionFile)
const topics = subscriptions({} as never).map(({ event }) => event.topic)

test('the file subscribes to what the code handles, and to the dead letters', () => {
  expect(documents.map(({ spec }) => spec.topic).toSorted()).toEqual([...topics, deadLetterTopic].toSorted())
})

test('every subscription leads to the route of its topic and to the dead letters', () => {
  for (const { spec } of documents) {
    const isDeadLetters = spec.topic === deadLetterTopic
    expect(spec.routes.default).toBe(isDeadLetters ? DEAD_LETTER_ROUTE : eventRoute(spec.topic))
    expect(spec.deadLetterTopic).toBe(isDeadLetters ? undefined : deadLetterTopic)
    // Raw, because an event that is no JSON would block the topic.
    expect(spec.metadata).toEqual(isDeadLetters ? { rawPayload: 'true' } : undefined)
    expect(spec.pubsubname).toBe('pubsub')
  }
})

test('every subscription has its own name and is for user alone', () => {
  expect(new Set(documents.map(({ metadata }) => metadata.name)).size).toBe(documents.length)
  for (const document of documents) {
    expect(document).toMatchObject({ apiVersion: 'dapr.io/v2alpha1', kind: 'Subscription', scopes: ['user'] })
  }
})
