import { connect } from 'node:http2'
import { videoPublished } from '@fanone/contracts'
import { beforeAll, describe, expect, test } from 'vitest'
import { apisOf, events, secretsOf, services } from '../../scripts/generate/declarations.ts'
import { invokeAs, type SidecarAddress, sendTo, sidecarOf } from '../support/sidecars.ts'
import { metrics, secrets, sumMetric } from '../support/stack.ts'

// What a sidecar does, for whom: docs/security.md. Made from the declarations, so that a new
// service is covered.

const names = services.map(({ appId }) => appId)
const declared = (name: string) => services.find(({ appId }) => appId === name) as (typeof services)[number]
const sidecars = new Map<string, SidecarAddress>()
const sidecar = (appId: string) => sidecars.get(appId) as SidecarAddress

beforeAll(async () => {
  for (const name of names) sidecars.set(name, await sidecarOf(name))
})

describe.each(names)('%s', (name) => {
  const others = names.filter((other) => other !== name)

  test('answers nothing on its app port without the token that its own sidecar has', async () => {
    const { appPort } = sidecar(name)
    const tokens = [undefined, '', 'x', ...others.map((other) => sidecar(other).appToken), sidecar(name).token]
    for (const path of ['/internal/keys.list', '/events/video.published', '/events/dead-letters', '/dapr/config', '/'])
      for (const token of tokens)
        expect(await sendTo(appPort, { path, ...(token === undefined ? {} : { token }) })).toMatchObject({
          status: 401,
        })
  })

  test('alone uses its sidecar', async () => {
    const tokens = [undefined, '', 'x', ...others.map((other) => sidecar(other).token), sidecar(name).appToken]
    const paths = ['/v1.0/metadata', '/v1.0/secrets/secretstore/redis-password', '/v1.0/shutdown']
    for (const path of [...paths, '/v1.0/invoke/user/method/internal/keys.list'])
      for (const token of tokens) {
        const request = { path, ...(token === undefined ? {} : { token }) }
        expect((await sendTo(sidecar(name).port, request)).status, `${path} ${token}`).toBe(401)
      }
  })

  test('reads its own secrets, one by one or all at once, and no other', async () => {
    const own = secretsOf(declared(name))
    const { port, token } = sidecar(name)
    const read = (secret: string) => sendTo(port, { method: 'GET', path: `/v1.0/secrets/secretstore/${secret}`, token })
    for (const [secret, value] of Object.entries(await secrets())) {
      const { status, text } = await read(secret)
      expect(status, secret).toBe(own.includes(secret) ? 200 : 403)
      if (status === 403) expect(text).not.toContain(value)
    }
    expect(Object.keys(JSON.parse((await read('bulk')).text)).toSorted()).toEqual(own.toSorted())
  })

  test('is given the parts of the sidecar that it uses, and no other', async () => {
    const { port, token } = sidecar(name)
    const allowed = apisOf(declared(name)).map((one) => one.name)
    for (const [api, { method, path }] of Object.entries(apis)) {
      const { status, text } = await sendTo(port, { method, path, token })
      const isServed = ![404, 405].includes(status) || text.includes('ERR_STATE_') || text.includes('ERR_PUBSUB_')
      expect({ api, isServed }, text).toEqual({ api, isServed: allowed.includes(api) })
    }
  })

  test('uses no gRPC, so its sidecar does nothing by gRPC', async () => {
    const { grpcPort, token } = sidecar(name)
    for (const call of ['GetMetadata', 'GetSecret', 'InvokeService', 'PublishEvent', 'GetState', 'Shutdown'])
      expect(await grpcStatus(grpcPort, `/dapr.proto.runtime.v1.Dapr/${call}`, token), call).toBe(unimplemented)
  })

  test('sends no event of another', async () => {
    const { port, token } = sidecar(name)
    const topics = events.filter(({ owner }) => owner !== name)
    const deadLetters = ['feed.dead-letters'].filter((topic) => topic !== `${name}.dead-letters`)
    for (const topic of [...topics.map(({ event }) => event.topic), ...deadLetters, 'a-new-topic']) {
      const bulk = [{ entryId: '1', event: {}, contentType: 'application/json' }]
      const one = await sendTo(port, { path: `/v1.0/publish/pubsub/${topic}`, token })
      const many = await sendTo(port, { path: `/v1.0/publish/bulk/pubsub/${topic}`, token, json: bulk })
      for (const { status } of [one, many]) expect([403, 404, 405], `${topic} ${status}`).toContain(status)
    }
  })
})

test('a forged event is refused and has no effect', async () => {
  const seen = async () => sumMetric(await metrics(7130), 'fanone_events_consumed_total', { topic: 'video.published' })
  const before = await seen()
  const data = { videoId: 1, authorId: 1, title: 'forged', description: '', videoKey: 'a/b.mp4', coverKey: 'a/b.jpg' }
  const event = { specversion: '1.0', id: 'forged', source: 'video', type: videoPublished.type, data }
  const headers = { 'content-type': 'application/cloudevents+json' }
  for (const token of [undefined, sidecar('video').appToken, sidecar('video').token]) {
    const request = { path: '/events/video.published', headers, json: event }
    const answer = await sendTo(sidecar('feed').appPort, token === undefined ? request : { ...request, token })
    expect(answer.status).toBe(401)
  }
  // It would have been counted, whatever it was taken for.
  expect(await seen()).toBe(before)
  const newest = await invokeAs(sidecar('gateway'), 'feed', 'timelines.newest', { limit: 20 })
  expect(newest.text).not.toContain('forged')
})

/** One request for each part of the sidecar's API. */
const apis: Record<string, { method: string; path: string }> = {
  invoke: { method: 'POST', path: '/v1.0/invoke/nobody/method/x' },
  state: { method: 'GET', path: '/v1.0/state/nowhere/x' },
  publish: { method: 'POST', path: '/v1.0/publish/nowhere/x' },
  secrets: { method: 'GET', path: '/v1.0/secrets/secretstore/x' },
  bindings: { method: 'POST', path: '/v1.0/bindings/x' },
  actors: { method: 'POST', path: '/v1.0/actors/x/y/method/z' },
  metadata: { method: 'GET', path: '/v1.0/metadata' },
  configuration: { method: 'GET', path: '/v1.0/configuration/x' },
  lock: { method: 'POST', path: '/v1.0-alpha1/lock/x' },
  crypto: { method: 'PUT', path: '/v1.0-alpha1/crypto/x/encrypt' },
  workflows: { method: 'POST', path: '/v1.0/workflows/x/y/start' },
  jobs: { method: 'POST', path: '/v1.0-alpha1/jobs/x' },
  conversation: { method: 'POST', path: '/v1.0-alpha1/conversation/x/converse' },
  shutdown: { method: 'POST', path: '/v1.0/shutdown' },
}

const unimplemented = '12'

/** The gRPC status of a call with an empty message. */
function grpcStatus(port: number, path: string, token: string): Promise<string> {
  const emptyMessage = Buffer.alloc(5)
  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`).once('error', reject)
    const headers = { 'content-type': 'application/grpc', te: 'trailers', 'dapr-api-token': token }
    const call = session.request({ ':method': 'POST', ':path': path, ...headers })
    let status = ''
    const note = (received: object) => {
      status = String((received as Record<string, unknown>)['grpc-status'] ?? status)
    }
    call.on('response', note).on('trailers', note).on('error', reject).resume()
    call.on('close', () => {
      session.close()
      resolve(status)
    })
    call.end(emptyMessage)
  })
}
