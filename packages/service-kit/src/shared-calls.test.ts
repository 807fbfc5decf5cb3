import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { operation } from '@fanone/contracts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createAppPort } from './app-port.ts'
import type { BaseConfig } from './config.ts'
import { createServiceClient } from './dapr/invoke.ts'
import { DeadlineTransport } from './dapr/transport.ts'
import { ServiceError } from './errors.ts'
import { grouped } from './grouped.ts'
import { createLogger } from './log.ts'
import { register } from './metrics.ts'
import { createRouter, type Operations } from './operations.ts'
import { SHARED_HEADER } from './shared-calls.ts'

/** What a test tells an operation to do, and what it answers of its call. */
const schemas = {
  idempotency: 'keyed',
  input: z.object({ id: z.int(), fail: z.enum(['', 'refuse', 'away', 'break', 'hang', 'long']).default('') }),
  output: z.object({ id: z.int(), userId: z.int().nullable(), key: z.string().optional(), pad: z.string() }),
} as const
const contract = {
  things: { get: operation('things.get', schemas), alone: operation('things.alone', { ...schemas, isAlone: true }) },
  groups: { get: operation('groups.get', schemas) },
}

const token = 'token of the app'
const log = createLogger({ appId: 'things', level: 'silent' })
/** How often each id was asked, and the size of each group. */
const asked = new Map<number, number>()
const groups: number[] = []
let isAway = false

type Asked = z.output<(typeof schemas)['input']>
async function answer(input: Asked, context: { identity?: { userId: number } | undefined; idempotencyKey?: string }) {
  asked.set(input.id, (asked.get(input.id) ?? 0) + 1)
  if (input.fail === 'refuse') throw new ServiceError('not_found', { detail: `no ${input.id}` })
  if (input.fail === 'away' && (asked.get(input.id) ?? 0) < 2) throw new ServiceError('unavailable')
  if (isAway) throw new ServiceError('unavailable')
  if (input.fail === 'break') throw new Error('a secret')
  if (input.fail === 'hang') await new Promise((resolve) => setTimeout(resolve, 1_500))
  const pad = input.fail === 'long' ? 'x'.repeat(400_000) : ''
  return { id: input.id, userId: context.identity?.userId ?? null, key: context.idempotencyKey, pad }
}

/** An app behind a sidecar that passes requests on, once a test has opened the way. */
let app: Server
let sidecar: Server
let transport: DeadlineTransport
let requests: { shared: string | undefined; status: number }[] = []
let opening: PromiseWithResolvers<void>
let toCut = 0
/** The calls that share a request, in the order of their ends. */
let ended: number[] = []

beforeAll(async () => {
  const operations: Operations<typeof contract> = {
    things: {
      get: ({ input, context }) => answer(input, context as never),
      alone: ({ input, context }) => answer(input, context as never),
    },
    groups: {
      get: grouped(
        async (calls) => {
          groups.push(calls.length)
          if (calls.some(({ input }) => input.fail === 'break')) throw new Error('all of them')
          return Promise.all(
            calls.map(({ input, context }) => (input.fail === 'refuse' ? undefined : answer(input, context as never))),
          )
        },
        ({ input, context }) => answer(input, context as never),
      ),
    },
  }
  const router = createRouter(contract, operations)
  const config = { APP_API_TOKEN: token, APP_ID: 'things' } as BaseConfig
  const options = { config, log, health: { isServing: true }, publisher: {} as never }
  app = createServer(createAppPort({ router, subscriptions: [] }, options)).listen(0, '127.0.0.1')
  sidecar = createServer((request, response) => void passOn(request, response)).listen(0, '127.0.0.1')
  await Promise.all([once(app, 'listening'), once(sidecar, 'listening')])
  transport = new DeadlineTransport({ port: (sidecar.address() as AddressInfo).port })
})
beforeEach(() => {
  requests = []
  opening = Promise.withResolvers()
  toCut = 0
  ended = []
  isAway = false
  groups.length = 0
})
afterEach(() => opening.resolve())
afterAll(async () => {
  await transport.close()
  for (const server of [app, sidecar]) server.close().closeAllConnections()
})

async function passOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const noted = { shared: request.headers[SHARED_HEADER] as string | undefined, status: 0 }
  requests.push(noted)
  await opening.promise
  const path = request.url?.replace(/^.*\/method/, '')
  const headers = { ...request.headers, 'dapr-api-token': token }
  const { port } = app.address() as AddressInfo
  const passed = httpRequest({ port, path, method: 'POST', headers }, (answer) => {
    noted.status = answer.statusCode ?? 0
    const isCut = noted.shared !== undefined && toCut-- > 0
    const { 'content-length': _length, ...kept } = answer.headers
    response.writeHead(answer.statusCode ?? 500, kept)
    if (!isCut) return void answer.pipe(response)
    // After the first line.
    answer.once('data', (chunk: Buffer) => response.end(chunk.subarray(0, chunk.indexOf('\n') + 10)))
  })
  passed.on('error', () => response.destroy())
  request.pipe(passed)
  response.once('close', () => passed.destroy())
}

let lastId = 0
const newIds = (count: number) => Array.from({ length: count }, () => ++lastId)
const identityOf = (userId: number) => ({ userId, sessionId: `session of ${userId}` })

type Input = z.input<(typeof schemas)['input']>
type Options = {
  context?: { timeoutMs?: number; idempotencyKey?: string; identity?: { userId: number; sessionId: string } }
  signal?: AbortSignal
}

/** Makes calls that share one request, because two others of their operation are under way. */
async function share(noun: 'things' | 'groups', calls: [Input, Options?][]) {
  const client = createServiceClient(contract, { appId: 'things', transport })
  const openers = []
  for (const id of newIds(2)) {
    openers.push(client[noun].get({ id }))
    await expect.poll(() => requests.length, { interval: 1 }).toBe(openers.length)
  }
  const outcomes = calls.map(([input, options]) => client[noun].get(input, options))
  const settled = Promise.allSettled(outcomes)
  for (const [index, outcome] of outcomes.entries()) {
    const note = () => void ended.push(index)
    outcome.then(note, note)
  }
  await new Promise(setImmediate)
  opening.resolve()
  await Promise.all(openers)
  requests.splice(0, 2)
  return settled
}
const idOf = (outcome: PromiseSettledResult<{ id: number }>) =>
  outcome.status === 'fulfilled' ? outcome.value.id : outcome.reason.code

describe('calls that share a request', () => {
  it('have each their own caller, key and answer', async () => {
    const ids = newIds(20)
    const outcomes = await share(
      'things',
      ids.map((id) => [{ id }, { context: { identity: identityOf(id), idempotencyKey: `key ${id}` } }]),
    )
    const expected = ids.map((id) => ({ id, userId: id, key: `key ${id}`, pad: '' }))
    expect(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value)).toEqual(expected)
    expect(requests).toEqual([{ shared: '20', status: 200 }])
  })

  it('have each their own error, and no breaker counts it', async () => {
    const ids = newIds(4)
    const outcomes = await share('things', [
      [{ id: ids[0] as number, fail: 'refuse' }],
      [{ id: ids[1] as number }],
      [{ id: 'none' as never }],
      [{ id: ids[3] as number, fail: 'break' }],
    ])
    expect(outcomes.map(idOf)).toEqual(['not_found', ids[1], 'invalid_input', 'internal'])
    const [refused, , invalid] = outcomes as PromiseRejectedResult[]
    expect(refused?.reason).toMatchObject({ detail: `no ${ids[0]}` })
    expect(invalid?.reason.data.issues).toMatchObject([{ path: 'id' }])
    expect(JSON.stringify(outcomes)).not.toContain('secret')
    expect(requests).toEqual([{ shared: '4', status: 200 }])
  })

  it('fail as a request where all of them fail, so that breakers count it', async () => {
    isAway = true
    const ids = newIds(3)
    opening.resolve()
    const client = createServiceClient(contract, { appId: 'things', transport })
    const outcomes = await Promise.allSettled(ids.map((id) => client.things.get({ id })))
    expect(outcomes.map(idOf)).toEqual(ids.map(() => 'unavailable'))
    expect(requests).toEqual([{ shared: '3', status: 503 }])
    expect(ids.map((id) => asked.get(id))).toEqual([1, 1, 1])
  })

  it('are asked again, alone, where they fail among others as a sidecar would ask again', async () => {
    const ids = newIds(3)
    const outcomes = await share(
      'things',
      ids.map((id, index) => [{ id, fail: index === 1 ? 'away' : '' }]),
    )
    expect(outcomes.map(idOf)).toEqual(ids)
    expect(requests).toEqual([
      { shared: '3', status: 200 },
      { shared: undefined, status: 200 },
    ])
  })

  it('are not held up by a slow one, and each has its own deadline', async () => {
    const ids = newIds(3)
    const outcomes = await share('things', [
      [{ id: ids[0] as number, fail: 'hang' }],
      [{ id: ids[1] as number, fail: 'hang' }, { context: { timeoutMs: 300 } }],
      [{ id: ids[2] as number }],
    ])
    expect(outcomes.map(idOf)).toEqual([ids[0], 'timeout', ids[2]])
    expect(ended).toEqual([2, 1, 0])
    expect(asked.get(ids[1] as number)).toBe(1)
  })

  it('that are lost are made once more with the same key, those that were answered are not', async () => {
    toCut = 1
    const ids = newIds(5)
    const outcomes = await share(
      'things',
      ids.map((id) => [{ id }, { context: { idempotencyKey: `key ${id}` } }]),
    )
    expect(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value.key)).toEqual(
      ids.map((id) => `key ${id}`),
    )
    expect(requests.map(({ shared }) => shared)).toEqual(['5', '4'])
    expect(ids.map((id) => asked.get(id)).toSorted()).toEqual([1, 2, 2, 2, 2])
  })

  it('that are lost twice are unavailable', async () => {
    toCut = 2
    const outcomes = await share(
      'things',
      newIds(5).map((id) => [{ id }]),
    )
    expect(outcomes.map(({ status }) => status)).toEqual(expect.arrayContaining(['fulfilled', 'rejected']))
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(lost).toHaveLength(3)
    for (const { reason } of lost) expect(reason.code).toBe('unavailable')
  })

  it('whose answers are too long together are asked for alone', async () => {
    const ids = newIds(4)
    const outcomes = await share(
      'things',
      ids.map((id) => [{ id, fail: 'long' }]),
    )
    expect(outcomes.map(idOf)).toEqual(ids)
    expect(requests.map(({ shared }) => shared)).toEqual(['4', undefined, undefined])
  })

  it('that nobody waits for any more are aborted', async () => {
    const leaving = new AbortController()
    const closed = once(app, 'request').then(([, response]) => once(response as ServerResponse, 'close'))
    const ids = newIds(2)
    const settled = share(
      'things',
      ids.map((id) => [{ id, fail: 'hang' }, { signal: leaving.signal }]),
    )
    await expect.poll(() => asked.get(ids[1] as number)).toBe(1)
    const startedAt = performance.now()
    leaving.abort()
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await closed
    expect(performance.now() - startedAt).toBeLessThan(1_000)
    expect(requests).toHaveLength(1)
  })

  it('are measured one by one, and their request is not', async () => {
    const count = async () => {
      const text = await register.getSingleMetricAsString('fanone_http_request_duration_seconds')
      const line = /_count\{route="\/internal\/things.get",method="POST",status="200"\} (\d+)/
      return Number(line.exec(text)?.[1] ?? 0)
    }
    const before = await count()
    await share(
      'things',
      newIds(7).map((id) => [{ id }]),
    )
    expect(await count()).toBe(before + 7 + 2)
  })
})

describe('a service', () => {
  // Not by `fetch`, which would straighten paths.
  const send = async (path: string, headers: Record<string, string>, body: unknown) => {
    const { port } = app.address() as AddressInfo
    const type = { 'content-type': 'application/json' }
    const sent = httpRequest({ port, path, method: 'POST', headers: { ...type, ...headers } })
    sent.end(JSON.stringify(body))
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    return { status: answer.statusCode, text: await text(answer) }
  }
  const call = { headers: { 'fanone-user-id': '7', 'fanone-session-id': 'a' }, input: { id: 1 } }

  it('takes shared calls, and whom they are for, from its own sidecar only', async () => {
    const answer = await send('/internal/things.get', { [SHARED_HEADER]: '1' }, [call])
    expect(answer.status).toBe(401)
  })

  it.each([
    ['no array', call],
    ['too many', Array(65).fill(call)],
    ['no calls', [1, null]],
  ])('refuses what no client sends: %s', async (_what, body) => {
    const headers = { [SHARED_HEADER]: '1', 'dapr-api-token': token }
    expect((await send('/internal/things.get', headers, body)).text).toContain('invalid_input')
  })

  it.each(['/internal/things.lose', '/internal/other.thing/%2e%2e/things.get'])('has nothing at %s', async (path) => {
    const answer = await send(path, { [SHARED_HEADER]: '1', 'dapr-api-token': token }, [call])
    expect(answer.text).toContain('not_found')
  })
})

describe('a grouped operation', () => {
  it('answers the calls of all requests that wait for each other at once', async () => {
    const ids = newIds(12)
    const outcomes = await share(
      'groups',
      ids.map((id) => [{ id }, { context: { identity: identityOf(id) } }]),
    )
    expect(outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value.userId)).toEqual(ids)
    expect(Math.max(...groups)).toBeGreaterThanOrEqual(12)
  })

  it('answers those alone that it leaves out, and no other', async () => {
    const ids = newIds(3)
    const outcomes = await share(
      'groups',
      ids.map((id, index) => [{ id, fail: index === 0 ? 'refuse' : '' }]),
    )
    expect(outcomes.map(idOf)).toEqual(['not_found', ids[1], ids[2]])
    expect(ids.map((id) => asked.get(id))).toEqual([1, 1, 1])
  })

  it('answers each alone where the group as a whole fails', async () => {
    const ids = newIds(3)
    const outcomes = await share(
      'groups',
      ids.map((id, index) => [{ id, fail: index === 0 ? 'break' : '' }]),
    )
    expect(outcomes.map(idOf)).toEqual(['internal', ids[1], ids[2]])
  })

  it('fails at once where what it needs is away', async () => {
    isAway = true
    opening.resolve()
    const client = createServiceClient(contract, { appId: 'things', transport })
    const ids = newIds(3)
    const outcomes = await Promise.allSettled(ids.map((id) => client.groups.get({ id })))
    expect(outcomes.map(idOf)).toEqual(ids.map(() => 'unavailable'))
    expect(ids.map((id) => asked.get(id))).toEqual([1, 1, 1])
  })
})

it('an operation that works alone shares nothing', async () => {
  opening.resolve()
  const client = createServiceClient(contract, { appId: 'things', transport })
  const ids = newIds(10)
  const answers = await Promise.all(ids.map((id) => client.things.alone({ id })))
  expect(answers.map(({ id }) => id)).toEqual(ids)
  expect(requests.map(({ shared }) => shared)).toEqual(ids.map(() => undefined))
})
