import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { defineEvent } from '@fanone/contracts'
import express from 'express'
import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { BatchHandler, BatchSubscription } from './batches.ts'
import { SidecarError } from './dapr/sidecar-error.ts'
import { DEAD_LETTER_ROUTE, DeadLetters } from './dead-letters.ts'
import { ServiceError } from './errors.ts'
import { type EventHandler, type Subscription, subscriptionRoutes } from './subscriptions.ts'

const thingMade = defineEvent('thing.made', 1, z.object({ thingId: z.int() }), {
  orderedBy: ({ thingId }) => thingId,
})
const envelope = { id: '1', source: 'test', specversion: '1.0', type: 'thing.made.v1', data: { thingId: 7 } }

let close = () => {}
afterEach(() => close())

/**
 * A service with these subscriptions, and what it puts among the dead letters, unless the broker is
 * away.
 */
async function startService(
  subscriptions: (Subscription | BatchSubscription)[],
  broker: { isAway: boolean } = { isAway: false },
) {
  const buried: Record<string, unknown>[] = []
  const log = pino({ level: 'silent' })
  const publisher = {
    async publish(topic: string, event: object) {
      if (broker.isAway) throw new SidecarError('the broker is away')
      expect(topic).toBe('test.dead-letters')
      buried.push({ ...event })
    },
  }
  const deadLetters = new DeadLetters({ publisher, appId: 'test', log })
  const server = express().use(subscriptionRoutes(subscriptions, { log, deadLetters })).listen(0, '127.0.0.1')
  close = () => server.close()
  await once(server, 'listening')
  const deliver = async (body: unknown, path = '/events/thing.made') => {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: await response.json() }
  }
  return { deliver, buried }
}
const acknowledged = { status: 200, body: { status: 'SUCCESS' } }
const on = (event: typeof thingMade, handler: EventHandler<typeof thingMade>) => ({ event, handler }) as Subscription
const onBatch = (event: typeof thingMade, handleBatch: BatchHandler<typeof thingMade>) =>
  ({ event, handleBatch }) as BatchSubscription
const failing = (error: Error) => on(thingMade, () => Promise.reject(error))
const reasonsOf = (buried: Record<string, unknown>[]) => buried.map(({ deadletterreason }) => deadletterreason)

test('an event that was applied is acknowledged', async () => {
  const seen: number[] = []
  const handler = on(thingMade, async ({ data }) => {
    seen.push(data.thingId)
    return 'handled'
  })
  const { deliver, buried } = await startService([handler])
  expect(await deliver(envelope)).toEqual(acknowledged)
  expect(seen).toEqual([7])
  expect(buried).toEqual([])
})

test('an event whose handler fails is delivered again, and after a few times it is put among the dead letters with the reason', async () => {
  const { deliver, buried } = await startService([failing(new TypeError('of undefined'))])
  for (let delivery = 1; delivery < 4; delivery++) expect((await deliver(envelope)).status).toBe(500)
  expect(buried).toEqual([])
  expect(await deliver(envelope)).toEqual(acknowledged)
  expect(buried).toMatchObject([
    { ...envelope, deadletterreason: 'TypeError: of undefined', deadletterconsumer: 'test' },
  ])
})

test('an event that waits for something that is away is delivered again for as long as it takes', async () => {
  const { deliver, buried } = await startService([failing(new ServiceError('unavailable'))])
  for (let delivery = 1; delivery <= 20; delivery++) expect((await deliver(envelope)).status).toBe(500)
  expect(buried).toEqual([])
})

test('failures of another event do not count', async () => {
  const { deliver, buried } = await startService([failing(new Error('not yet'))])
  for (let id = 1; id <= 10; id++) expect((await deliver({ ...envelope, id: String(id) })).status).toBe(500)
  expect(buried).toEqual([])
})

const mustNotRun = failing(new Error('must not run'))

test.each([
  ['another version', { ...envelope, type: 'thing.made.v2' }, /expected thing\.made\.v1/],
  ['data that does not fit', { ...envelope, data: { thingId: 'seven' } }, /does not fit thing\.made\.v1/],
  ['no envelope', { thingId: 7 }, /not a CloudEvent/],
])('poison is put among the dead letters at once, with the reason: %s', async (_name, body, reason) => {
  const { deliver, buried } = await startService([mustNotRun])
  expect(await deliver(body)).toEqual(acknowledged)
  expect(reasonsOf(buried)).toEqual([expect.stringMatching(reason)])
})

test('poison stays where it is while the broker does not take it', async () => {
  const broker = { isAway: true }
  const { deliver, buried } = await startService([mustNotRun], broker)
  expect((await deliver({ thingId: 7 })).status).toBe(500)
  broker.isAway = false
  expect(await deliver({ thingId: 7 })).toEqual(acknowledged)
  expect(buried).toHaveLength(1)
})

test('an event nobody handles is never answered 404, which Dapr would take as drop', async () => {
  const { deliver } = await startService([])
  expect((await deliver(envelope, '/events/other.made')).status).toBe(500)
})

describe('what the sidecar put among the dead letters itself', () => {
  const raw = (text: string) => ({ id: 'of Dapr', data_base64: Buffer.from(text).toString('base64') })

  test.each([
    ['what is no JSON', '{"half', 'not JSON'],
    ['what is no event', '{"thingId":7}', 'not a CloudEvent'],
    ['what was never handled', JSON.stringify(envelope), 'could not be handled, however often it was delivered'],
  ])('is added anew with its reason: %s', async (_name, text, reason) => {
    const { deliver, buried } = await startService([])
    expect(await deliver(raw(text), DEAD_LETTER_ROUTE)).toEqual(acknowledged)
    expect(reasonsOf(buried)).toEqual([reason])
    const [letter] = buried as [Record<string, string>]
    const content = letter.data_base64 ? Buffer.from(letter.data_base64, 'base64').toString() : undefined
    expect(content ?? JSON.stringify(letter.data)).toContain(content ? text.slice(0, 6) : '7')
  })

  test('has the reason of its last failure, where that is remembered', async () => {
    const { deliver, buried } = await startService([
      failing(new ServiceError('unavailable', { detail: 'Redis is away' })),
    ])
    await deliver(envelope)
    await deliver(raw(JSON.stringify(envelope)), DEAD_LETTER_ROUTE)
    expect(reasonsOf(buried)).toEqual(['ServiceError: Redis is away'])
  })

  test('is left alone once it has a reason', async () => {
    const { deliver, buried } = await startService([])
    const explained = JSON.stringify({ ...envelope, deadletterreason: 'because' })
    expect(await deliver(raw(explained), DEAD_LETTER_ROUTE)).toEqual(acknowledged)
    expect(buried).toEqual([])
  })
})

describe('a batch', () => {
  const envelopeOf = (thingId: unknown) => ({ ...envelope, id: `of ${thingId}`, data: { thingId } })
  const bulk = (...things: unknown[]) => ({
    entries: things.map((thing, index) => ({ entryId: String(index), event: envelopeOf(thing) })),
  })
  const statusesOf = (body: unknown) =>
    (body as { statuses: { status: string }[] }).statuses.map(({ status }) => status)
  const applying = (batches: number[][], fail: (things: number[]) => Error | undefined = () => undefined) =>
    onBatch(thingMade, async (deliveries) => {
      const things = deliveries.map(({ data }) => data.thingId)
      const error = fail(things)
      if (error) throw error
      batches.push(things)
      return things.map(() => 'handled')
    })

  test('is handed over as a whole, and each entry gets its status', async () => {
    const batches: number[][] = []
    const { deliver } = await startService([applying(batches)])
    const { status, body } = await deliver(bulk(1, 2, 3))
    expect([status, body]).toEqual([
      200,
      { statuses: ['0', '1', '2'].map((entryId) => ({ entryId, status: 'SUCCESS' })) },
    ])
    expect(batches).toEqual([[1, 2, 3]])
  })

  test('goes on without what does not fit the contract, which is put among the dead letters', async () => {
    const batches: number[][] = []
    const { deliver, buried } = await startService([applying(batches)])
    expect(statusesOf((await deliver(bulk(1, 'two', 3))).body)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS'])
    expect(batches).toEqual([[1, 3]])
    expect(buried).toMatchObject([{ id: 'of two', deadletterreason: expect.stringMatching(/does not fit/) }])
  })

  test('that fails because of one event is applied one by one, and that one ends among the dead letters', async () => {
    const batches: number[][] = []
    const onTwo = (things: number[]) => (things.includes(2) ? new TypeError('cannot be two') : undefined)
    const { deliver, buried } = await startService([applying(batches, onTwo)])
    expect(statusesOf((await deliver(bulk(1, 2, 3))).body)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS'])
    expect(batches).toEqual([[1], [3]])
    expect(buried).toMatchObject([{ id: 'of 2', deadletterreason: 'TypeError: cannot be two' }])
  })

  test('that waits for something that is away comes again as a whole', async () => {
    const { deliver, buried } = await startService([applying([], () => new ServiceError('unavailable'))])
    expect(statusesOf((await deliver(bulk(1, 2))).body)).toEqual(['RETRY', 'RETRY'])
    expect(buried).toEqual([])
  })

  test('holds what it cannot bury while the broker is away, and nothing else', async () => {
    const { deliver } = await startService([applying([])], { isAway: true })
    expect(statusesOf((await deliver(bulk(1, 'two'))).body)).toEqual(['SUCCESS', 'RETRY'])
  })
})
