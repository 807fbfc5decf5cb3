import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  CommunicationProtocolEnum,
  DaprClient,
  DaprServer,
  type HTTPClient,
  StateConcurrencyEnum,
  StateConsistencyEnum,
} from '@dapr/dapr'
import { connectDapr } from '@fanone/service-kit'
import express from 'express'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/beside.ts'
import { type ScratchSidecar, scratchSidecar } from '../support/scratch-sidecar.ts'

// What the SDK does with a real sidecar: the kit relies on these or works around them. When one
// fails with a new version, docs/decisions/0003-dapr-client.md says which part of the kit may go.

const silent = { error() {}, warn() {}, info() {}, verbose() {}, debug() {} }
const firstWrite = {
  concurrency: StateConcurrencyEnum.CONCURRENCY_FIRST_WRITE,
  consistency: StateConsistencyEnum.CONSISTENCY_EVENTUAL,
}
const run = Date.now()

let own: ScratchSidecar
let sdk: DaprClient
beforeAll(async () => {
  own = await scratchSidecar()
  sdk = clientOf(own.port)
})
afterAll(() => own.stop())

/** The SDK's client with its own transport, without the probe of its first call. */
function clientOf(port: number): DaprClient {
  const client = new DaprClient(optionsOf(port))
  client.daprClient.setIsInitialized(true)
  return client
}

function optionsOf(port: number) {
  return {
    daprHost: '127.0.0.1',
    daprPort: String(port),
    communicationProtocol: CommunicationProtocolEnum.HTTP,
    logger: { service: silent },
  }
}

test('all building blocks send through two methods of one object', async () => {
  const client = new DaprClient(optionsOf(1))
  const sent: unknown[] = []
  Object.assign(client.daprClient as HTTPClient, {
    execute: async (path: string) => void sent.push(path),
    executeWithApiVersion: async (version: string, path: string) => void sent.push(version + path),
  })
  await client.state.getBulk('store', ['key'])
  await client.state.save('store', [])
  await client.state.delete('store', 'key')
  await client.secret.get('store', 'name')
  await client.pubsub.publish('pubsub', 'topic', {})
  await client.metadata.get()
  await client.state.query('store', {} as never)
  expect(sent).toEqual([
    '/state/store/bulk?',
    '/state/store?',
    '/state/store/key?',
    '/secrets/store/name',
    '/publish/pubsub/topic?',
    '/metadata',
    'v1.0-alpha1/state/store/query',
  ])
})

test('state.get has no etag, getBulk has', async () => {
  const key = `sdk-etag-${run}`
  await sdk.state.save('statestore', [{ key, value: { a: 1 } }])
  expect(await sdk.state.get('statestore', key)).toEqual({ a: 1 })
  expect(await sdk.state.getBulk('statestore', [key, 'nothing'])).toEqual([
    { key, data: { a: 1 }, etag: expect.stringMatching(/./) },
    { key: 'nothing' },
  ])
})

test('what is written after another version was read is an error that save returns, with 409', async () => {
  const key = `sdk-conflict-${run}`
  await sdk.state.save('statestore', [{ key, value: 1 }])
  const [{ etag } = {}] = (await sdk.state.getBulk('statestore', [key])) as { etag?: string }[]
  const write = () => sdk.state.save('statestore', [{ key, value: 2, etag: etag as string, options: firstWrite }])
  expect(await write()).toEqual({})
  const { error } = await write()
  expect(JSON.parse(String(error?.message))).toMatchObject({ status: 409 })
})

test('a second first write without an etag is an error with 500, as any other failure', async () => {
  const key = `sdk-create-${run}`
  const create = () => sdk.state.save('statestore', [{ key, value: 1, options: firstWrite }])
  expect(await create()).toEqual({})
  const { error } = await create()
  expect(JSON.parse(String(error?.message))).toMatchObject({ status: 500 })
})

test('keys are not encoded: a delete goes somewhere else and says nothing', async () => {
  const key = `sdk-key-${run}?x`
  await sdk.state.save('statestore', [{ key, value: 1 }])
  expect(await sdk.state.delete('statestore', key)).toEqual({})
  expect(await sdk.state.getBulk('statestore', [key])).toMatchObject([{ key, data: 1 }])
})

test('publish resolves with an error', async () => {
  const result = await sdk.pubsub.publish('nobody', 'topic', { a: 1 })
  expect(result.error).toBeInstanceOf(Error)
})

test('publishBulk says that an event that was not published was', async () => {
  const tooLarge = 'x'.repeat(1_500_000)
  const topic = `test.${run}.bulk`
  expect(await sdk.pubsub.publishBulk('pubsub', topic, [{ event: tooLarge, entryID: '1' }] as never)).toEqual({
    failedMessages: [],
  })
  const entries = JSON.stringify([{ entryId: '1', contentType: 'text/plain', event: tooLarge }])
  const headers = { 'content-type': 'application/json' }
  const path = `http://127.0.0.1:${own.port}/v1.0/publish/bulk/pubsub/${topic}`
  const response = await fetch(path, { method: 'POST', headers, body: entries })
  expect([response.status, await response.json()]).toMatchObject([500, { failedEntries: [{ entryId: '1' }] }])
})

test('the first call asks for metadata until it gets them', async () => {
  const asked: unknown[] = []
  const server = createServer((request, response) => {
    asked.push(request.url)
    response.writeHead(request.url === '/v1.0/metadata' && asked.length < 3 ? 403 : 200).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new DaprClient(optionsOf((server.address() as AddressInfo).port))
  await client.secret.get('secretstore', 'name')
  expect(asked).toEqual(['/v1.0/metadata', '/v1.0/metadata', '/v1.0/metadata', '/v1.0/secrets/secretstore/name'])
  server.close()
  server.closeAllConnections()
})

test('a call has no deadline', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const outcomes: string[] = []
  const settled = (name: string) => () => void outcomes.push(name)
  void clientOf(port).state.get('statestore', 'key').then(settled('sdk'), settled('sdk'))
  const ours = connectDapr({ port })
  await ours.client.state.get('statestore', 'key').then(settled('ours'), settled('ours'))
  expect(outcomes).toEqual(['ours'])
  server.close()
  server.closeAllConnections()
})

test('JSON that was cut off is an answer', async () => {
  const server = createServer((_request, response) => response.end('[{"key":')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  expect(await clientOf(port).state.getBulk('statestore', ['key'])).toBe('[{"key":')
  server.close()
  server.closeAllConnections()
})

test('the server acknowledges an event whose handler threw', async () => {
  const serverHttp = express()
  const port = await freePort()
  const server = new DaprServer({
    serverHost: '127.0.0.1',
    serverPort: String(port),
    communicationProtocol: CommunicationProtocolEnum.HTTP,
    clientOptions: optionsOf(own.port),
    serverHttp: serverHttp as never,
    logger: { service: silent },
  })
  await server.pubsub.subscribe('pubsub', 'thing.made', () => Promise.reject(new Error('the handler failed')))
  await server.start()
  const [subscription] = (await (await fetch(`http://127.0.0.1:${port}/dapr/subscribe`)).json()) as [{ route: string }]
  const response = await fetch(`http://127.0.0.1:${port}${subscription.route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({ id: '1', specversion: '1.0', type: 'thing.made.v1', source: 'test', data: { a: 1 } }),
  })
  expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }])
  await server.stop()
})
