import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { defineEvent } from '@fanone/contracts'
import express from 'express'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { on, type Subscription, subscriptionRoutes } from './subscriptions.ts'

const thingMade = defineEvent('thing.made', 1, z.object({ thingId: z.int() }))
const envelope = { id: '1', source: 'test', specversion: '1.0', type: 'thing.made.v1', data: { thingId: 7 } }

let close = () => {}
afterEach(() => close())

async function deliver(subscriptions: Subscription[], body: unknown, path = '/events/thing.made') {
  const server = express()
    .use(subscriptionRoutes(subscriptions, pino({ level: 'silent' })))
    .listen(0, '127.0.0.1')
  close = () => server.close()
  await once(server, 'listening')
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

test('an event that was applied is acknowledged', async () => {
  const seen: number[] = []
  const handler = on(thingMade, async ({ data }) => {
    seen.push(data.thingId)
    return 'handled'
  })
  expect(await deliver([handler], envelope)).toEqual({ status: 200, body: { status: 'SUCCESS' } })
  expect(seen).toEqual([7])
})

test('an event whose handler fails is delivered again', async () => {
  const handler = on(thingMade, () => Promise.reject(new Error('database away')))
  expect((await deliver([handler], envelope)).status).toBe(500)
})

test.each([
  ['another version', { ...envelope, type: 'thing.made.v2' }],
  ['data that does not fit', { ...envelope, data: { thingId: 'seven' } }],
  ['no envelope', { thingId: 7 }],
])('poison goes to the dead letters: %s', async (_name, body) => {
  const handler = on(thingMade, () => Promise.reject(new Error('must not run')))
  expect(await deliver([handler], body)).toEqual({ status: 200, body: { status: 'DROP' } })
})

test('an event nobody handles is never answered 404, which Dapr would take as drop', async () => {
  expect((await deliver([], envelope, '/events/other.made')).status).toBe(500)
})
