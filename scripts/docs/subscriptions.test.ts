import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type BatchSubscription, DEAD_LETTER_ROUTE, eventRoute, type Subscription } from '@fanone/service-kit'
import { describe, expect, it, test } from 'vitest'
import { listedServices, root, subscriptionFiles } from './facts.ts'

const MAX_WAIT_MS = 100

type Handled = (Subscription | BatchSubscription)[]

/** What a service's code handles; nothing where it has no `src/subscriptions.ts`. */
async function handledBy(appId: string): Promise<Handled> {
  const file = join(root, `services/${appId}/src/subscriptions.ts`)
  if (!existsSync(file)) return []
  const { subscriptions } = (await import(file)) as { subscriptions(handlers: unknown): Handled }
  return subscriptions({})
}

const services = await Promise.all(
  listedServices().map(async ({ appID }) => ({
    appId: appID,
    handled: await handledBy(appID),
    files: subscriptionFiles(appID),
  })),
)
const subscribers = services.filter(({ handled, files }) => handled.length + files.length > 0)

test('there are services with subscriptions', () => {
  expect(subscribers.length).toBeGreaterThan(3)
})

describe.each(subscribers)('dapr/subscriptions.yaml of $appId', ({ appId, handled, files }) => {
  const deadLetterTopic = `${appId}.dead-letters`

  it('subscribes to what the code handles, and to the dead letters', () => {
    const topics = handled.map(({ event }) => event.topic)
    expect(files.map(({ spec }) => spec.topic).toSorted()).toEqual([...topics, deadLetterTopic].toSorted())
  })

  it('leads every topic to its route and what cannot be handled to the dead letters', () => {
    for (const { spec } of files) {
      const isDeadLetters = spec.topic === deadLetterTopic
      expect(spec).toMatchObject({
        pubsubname: 'pubsub',
        routes: { default: isDeadLetters ? DEAD_LETTER_ROUTE : eventRoute(spec.topic) },
      })
      expect(spec.deadLetterTopic).toBe(isDeadLetters ? undefined : deadLetterTopic)
      // Raw, because an event that is no JSON would block the topic.
      expect(spec.metadata).toEqual(isDeadLetters ? { rawPayload: 'true' } : undefined)
    }
  })

  it('asks for batches, which do not wait long, of what the code handles in batches, and of nothing else', () => {
    const inBatches = handled.filter((subscription) => 'handleBatch' in subscription).map(({ event }) => event.topic)
    const asked = files.filter(({ spec }) => spec.bulkSubscribe?.enabled)
    expect(asked.map(({ spec }) => spec.topic).toSorted()).toEqual(inBatches.toSorted())
    for (const { spec } of asked) expect(spec.bulkSubscribe?.maxAwaitDurationMs).toBeLessThanOrEqual(MAX_WAIT_MS)
  })

  it('gives each subscription its own name, and to this service alone', () => {
    expect(new Set(files.map(({ metadata }) => metadata.name)).size).toBe(files.length)
    for (const file of files)
      expect(file).toMatchObject({ apiVersion: 'dapr.io/v2alpha1', kind: 'Subscription', scopes: [appId] })
  })
})
