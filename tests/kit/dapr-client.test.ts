import { connectDapr, Publisher, readSecret, SidecarError, StateStore } from '@fanone/service-kit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTopics } from '../faults/ledger/kafka.ts'
import { freePort } from '../support/beside.ts'
import { type ScratchSidecar, scratchSidecar } from '../support/scratch-sidecar.ts'

// The kit's Dapr client against a real sidecar that offers what the sidecars of services offer.

const run = Date.now()

let own: ScratchSidecar
let state: StateStore
let publisher: Publisher
beforeAll(async () => {
  own = await scratchSidecar({ apis: ['invoke', 'publish', 'state', 'secrets'] })
  state = new StateStore(own.dapr.client)
  publisher = new Publisher(own.dapr)
})
afterAll(() => own.stop())

const ttl = { ttlSeconds: 600 }
const failure = (work: Promise<unknown>) => work.then(String, (error: unknown) => error)

test('of writers that read the same version one writes', async () => {
  const key = `kit-replace-${run}`
  await state.set(key, { turn: 0 }, ttl)
  const read = await state.get<{ turn: number }>(key)
  expect(read).toEqual({ value: { turn: 0 }, etag: expect.stringMatching(/./) })
  const writers = Array.from({ length: 10 }, (_, index) =>
    state.replace(key, { turn: index + 1 }, { etag: read?.etag as string, ...ttl }),
  )
  const written = await Promise.all(writers)
  expect(written.filter(Boolean)).toHaveLength(1)
  expect((await state.get<{ turn: number }>(key))?.value).toEqual({ turn: written.indexOf(true) + 1 })
})

test('of creators of a key one creates', async () => {
  const key = `kit-create-${run}`
  const created = await Promise.all(Array.from({ length: 10 }, (_, index) => state.create(key, index, ttl)))
  expect(created.filter(Boolean)).toHaveLength(1)
  expect((await state.get(key))?.value).toBe(created.indexOf(true))
})

test.each([['plain'], ['a/b?c=d&e#f'], ['100% ünïcode 🚲'], ['%2F..%2f']])('key %j is one key', async (name) => {
  const key = `kit-${run}-${name}`
  expect(await state.get(key)).toBeUndefined()
  await state.set(key, { name, text: 'Pässe "quoted"' }, ttl)
  expect((await state.get(key))?.value).toEqual({ name, text: 'Pässe "quoted"' })
  await state.delete(key)
  expect(await state.get(key)).toBeUndefined()
  await state.delete(key)
})

test('values end when they are to', async () => {
  const key = `kit-ttl-${run}`
  await state.set(key, 1, { ttlSeconds: 1 })
  await expect.poll(() => state.get(key)).toBeUndefined()
})

test('a secret is read; one that there is not is an error', async () => {
  expect(await readSecret(own.dapr.client, 'redis-password')).toMatch(/./)
  expect(await failure(readSecret(own.dapr.client, 'nobody/knows?'))).toBeInstanceOf(SidecarError)
})

test('events arrive with their key; what the broker does not take is an error', async () => {
  const topic = `test.${run}.client`
  const event = (id: string, data: object) => ({ specversion: '1.0', id, source: 'test', type: 'test.v1', data })
  await publisher.publish(topic, event('1', { text: 'Pässe "quoted" 🚲' }), { partitionKey: 'key & ü' })
  const contentType = 'application/cloudevents+json'
  const entry = (id: string, data: object) => ({ entryId: id, contentType, event: event(id, data) })
  await publisher.publishBatch(topic, JSON.stringify([entry('2', {}), entry('3', {})]))
  const received = await readTopics(new Map(), (name) => name === topic)
  const ids = received.map(({ value }) => JSON.parse(value).id)
  expect(ids.sort()).toEqual(['1', '2', '3'])
  expect(received.find(({ value }) => JSON.parse(value).id === '1')).toMatchObject({
    key: 'key & ü',
    value: expect.stringContaining('Pässe \\"quoted\\" 🚲'),
  })

  const tooLarge = { text: 'x'.repeat(1_500_000) }
  expect(await failure(publisher.publish(topic, event('4', tooLarge), { partitionKey: '4' }))).toMatchObject({
    name: 'SidecarError',
    status: 500,
  })
  const batch = JSON.stringify([entry('5', {}), entry('6', tooLarge)])
  expect(await failure(publisher.publishBatch(topic, batch))).toMatchObject({ name: 'SidecarError', status: 500 })
})

test('an API that the sidecar refuses is an error, and nothing else needs it', async () => {
  const error = await failure(own.dapr.client.metadata.get())
  expect(error).toMatchObject({ name: 'SidecarError', isTimeout: false, status: expect.any(Number) })
})

test('no sidecar is an error, and no timeout', async () => {
  const { client } = connectDapr({ port: await freePort() })
  const error = await failure(new StateStore(client).get('key'))
  expect(error).toMatchObject({ name: 'SidecarError', status: undefined, isTimeout: false })
})
