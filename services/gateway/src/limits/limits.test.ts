import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { startTestGateway } from '../testing/test-gateway.ts'
import { signToken } from '../testing/test-tokens.ts'
import { LoopWatch } from './loop-watch.ts'

let gateway: Awaited<ReturnType<typeof startTestGateway>>
afterEach(() => gateway?.stop())
vi.setConfig({ testTimeout: 60_000 })

const profile = {
  id: 42,
  username: 'annabel',
  name: 'Annabel',
  avatarKey: null,
  backgroundKey: null,
  signature: '',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
}

/** An operation that answers when it is let. */
function held<Answer>(answer: Answer) {
  const waiting: (() => void)[] = []
  const operation = () => new Promise<Answer>((resolve) => waiting.push(() => resolve(answer)))
  const letGo = () => {
    for (const go of waiting.splice(0)) go()
  }
  return { operation, waiting, letGo }
}

/** Machines differ. */
const patient = { timeout: 20_000 }

const get = (path: string) => fetch(gateway.url + path)

describe('a gateway that cannot keep up', () => {
  it.each(['/v1/feeds/newest', '/v1/users/42', '/nowhere'])(
    'refuses %s before anything else, with a time to come back',
    async (path) => {
      gateway = await startTestGateway({}, {}, { limits: { loop: { excess: 1 } } })
      const response = await get(path)
      expect(response.status).toBe(503)
      expect(response.headers.get('Retry-After')).toBe('1')
      expect(response.headers.get('Content-Type')).toContain('application/problem+json')
      expect(await response.json()).toMatchObject({ code: 'unavailable' })
    },
  )

  it('says so in the words of each API', async () => {
    gateway = await startTestGateway({}, {}, { limits: { loop: { excess: 1 } } })
    expect(await (await get('/video/feed/')).json()).toMatchObject({ base: { code: 10001 } })
    expect(await (await get('/douyin/feed/')).json()).toMatchObject({ status_code: 10001 })
  })

  it('refuses the share that is too much', async () => {
    const getMany = async () => ({ items: [profile] })
    gateway = await startTestGateway({ user: { profiles: { getMany } } }, {}, { limits: { loop: { excess: 0.5 } } })
    const statuses = await Promise.all(Array.from({ length: 200 }, async () => (await get('/v1/users/42')).status))
    const refused = statuses.filter((status) => status === 503).length
    expect(statuses.filter((status) => status === 200)).toHaveLength(200 - refused)
    expect(refused).toBeGreaterThan(50)
    expect(refused).toBeLessThan(150)
  })
})

describe('the watch over the event loop', () => {
  const clocks = { nowMs: 0, usedMs: 0 }
  const watch = new LoopWatch({ limitMs: 100, clocks: () => clocks })
  const looks = (count: number, { lateMs, share }: { lateMs: number; share: number }) => {
    for (let look = 0; look < count; look++) {
      clocks.nowMs += 50 + lateMs
      clocks.usedMs += share * (50 + lateMs)
      watch.look()
    }
    return watch.excess
  }

  it.each([
    ['nothing while it is on time', { lateMs: 5, share: 1 }, 0],
    ['nothing while others have the processor', { lateMs: 500, share: 0.3 }, 0],
    ['a part while it is late by its own work', { lateMs: 150, share: 0.9 }, 0.5],
    ['everything while it is very late', { lateMs: 400, share: 0.9 }, 1],
    ['nothing when that is over', { lateMs: 0, share: 1 }, 0],
  ])('refuses %s', (_what, state, excess) => {
    expect(looks(50, state)).toBeCloseTo(excess, 2)
  })

  it('needs more than a moment', () => {
    expect(looks(1, { lateMs: 300, share: 1 })).toBe(0)
  })
})

describe('a route that is asked too much', () => {
  it('answers so many at a time and refuses the rest at once; other routes do not notice', async () => {
    const users = held({ items: [profile] })
    const newest = async () => ({ items: [], nextCursor: null })
    const services = { user: { profiles: { getMany: users.operation } }, feed: { timelines: { newest } } }
    gateway = await startTestGateway(services, { ROUTE_CONCURRENCY: '3' })
    const first = [get('/v1/users/1'), get('/v1/users/2'), get('/v1/users/3')]
    await expect.poll(() => users.waiting.length, patient).toBe(3)
    const refused = await get('/v1/users/42')
    expect(refused.status).toBe(503)
    expect(refused.headers.get('Retry-After')).toBe('1')
    expect((await get('/v1/feeds/newest?limit=3&')).status).toBe(200)
    users.letGo()
    for (const answer of await Promise.all(first)) expect(answer.status).toBe(200)
    const again = get('/v1/users/42')
    await expect.poll(() => users.waiting.length, patient).toBe(1)
    users.letGo()
    expect((await again).status).toBe(200)
  })

  it('is known to refuse reads before anything is done for them, so that no trace is made of a refusal', async () => {
    const users = held({ items: [profile] })
    gateway = await startTestGateway({ user: { profiles: { getMany: users.operation } } }, { ROUTE_CONCURRENCY: '1' })
    const headers = { authorization: 'shown' }
    const isRefused = (method: string, url: string) => gateway.isQuiet({ method, url, headers } as IncomingMessage)
    expect(isRefused('GET', '/v1/users/42')).toBe(false)
    const running = get('/v1/users/1')
    await expect.poll(() => users.waiting.length, patient).toBe(1)
    expect(isRefused('GET', '/v1/users/42?more')).toBe(true)
    expect(isRefused('GET', '/v1/feeds/newest')).toBe(false)
    expect(isRefused('PATCH', '/v1/users/me')).toBe(false)
    users.letGo()
    await running
    await expect.poll(() => isRefused('GET', '/v1/users/42'), patient).toBe(false)
  })

  it('has room again when clients leave', async () => {
    const users = held({ items: [profile] })
    gateway = await startTestGateway({ user: { profiles: { getMany: users.operation } } }, { ROUTE_CONCURRENCY: '1' })
    const leaving = new AbortController()
    const left = fetch(`${gateway.url}/v1/users/42`, { signal: leaving.signal })
    await expect.poll(() => users.waiting.length, patient).toBe(1)
    leaving.abort()
    await expect(left).rejects.toThrow()
    const lettingGo = setInterval(users.letGo, 5)
    await expect.poll(async () => (await get('/v1/users/42')).status, patient).toBe(200)
    clearInterval(lettingGo)
  })
})

describe('a user who changes very much at a time', () => {
  const tus = { 'tus-resumable': '1.0.0' }
  const id = '0'.repeat(32)
  const chunk = () => {
    const body = new FormData()
    const md5 = createHash('md5').update('abc').digest('hex')
    for (const [name, value] of Object.entries({ uuid: id, md5, chunk_number: '1' })) body.append(name, value)
    body.append('data', new Blob(['abc']))
    return body
  }

  it.each<[what: string, verb: string, method: string, path: string, init: () => RequestInit]>([
    ['uploads it begins', 'create', 'POST', '/v1/uploads', () => ({ headers: { ...tus, 'upload-length': '9' } })],
    [
      'uploads it joins',
      'join',
      'POST',
      '/v1/uploads',
      () => ({ headers: { ...tus, 'upload-concat': `final;/v1/uploads/${id}` } }),
    ],
    ['uploads it ends', 'end', 'DELETE', `/v1/uploads/${id}`, () => ({ headers: tus })],
    ['chunks it sends', 'addChunk', 'POST', '/video/publish/uploading', () => ({ body: chunk() })],
  ])('keeps few connections of a service by %s', async (_what, verb, method, path, init) => {
    const changes = held({})
    const lock = async () => ({ isLocked: true, upload: { id, kind: 'whole', state: 'receiving' } })
    const keepLock = async () => ({ isLocked: true, isWanted: false })
    const uploads = { lock, keepLock, unlock: async () => ({}), [verb]: changes.operation }
    gateway = await startTestGateway({ video: { uploads } }, { USER_WRITE_CONCURRENCY: '2' })
    const authorization = `Bearer ${await signToken(gateway.key)}`
    let answered = 0
    const all = Array.from({ length: 20 }, async () => {
      const { headers, ...rest } = init()
      const answer = await fetch(gateway.url + path, { method, headers: { ...headers, authorization }, ...rest })
      answered++
      const { base } = (answer.status === 200 ? await answer.json() : {}) as { base?: { code: number } }
      return base?.code ?? answer.status
    })
    await expect.poll(() => answered, patient).toBeGreaterThanOrEqual(12)
    expect(changes.waiting).toHaveLength(2)
    const lettingGo = setInterval(changes.letGo, 5)
    const codes = await Promise.all(all)
    clearInterval(lettingGo)
    expect(codes.filter((code) => code === 429 || code === 10008).length).toBeGreaterThanOrEqual(12)
  })

  it('is told to come back, while others are served', async () => {
    const edits = held(profile)
    const services = { user: { profiles: { edit: edits.operation } } }
    gateway = await startTestGateway(services, { USER_WRITE_CONCURRENCY: '2' })
    const edit = async (userId: number) => {
      const token = await signToken(gateway.key, { claims: { sub: String(userId) } })
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      return fetch(`${gateway.url}/v1/users/me`, { method: 'PATCH', headers, body: '{"name":"x"}' })
    }
    const statuses: number[] = []
    const all = Array.from({ length: 20 }, () => edit(42).then(({ status }) => statuses.push(status)))
    // Two run and six wait, though not for long.
    await expect.poll(() => statuses.length, patient).toBeGreaterThanOrEqual(12)
    expect(new Set(statuses)).toEqual(new Set([429]))
    expect(edits.waiting).toHaveLength(2)
    const refused = await edit(42)
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({ code: 'too_many_requests' })
    const other = edit(43)
    await expect.poll(() => edits.waiting.length, patient).toBe(3)
    const lettingGo = setInterval(edits.letGo, 5)
    await Promise.all([...all, other])
    clearInterval(lettingGo)
    expect((await other).status).toBe(200)
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(12)
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2)
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
  })
})
