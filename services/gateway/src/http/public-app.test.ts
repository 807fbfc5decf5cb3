import { type ErrorCode, errorCatalogue } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { afterEach, describe, expect, it } from 'vitest'
import { startTestGateway } from '../testing/test-gateway.ts'

let gateway: Awaited<ReturnType<typeof startTestGateway>>
afterEach(() => gateway.stop())

const failWith = (code: ErrorCode) => () => Promise.reject(new ServiceError(code, { retryAfterSeconds: 1 }))
const form = (fields: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(fields) })
const good = { username: 'annabel', password: 'secret123' }

async function codeOf(path: string, init?: RequestInit): Promise<number> {
  const body = (await (await fetch(gateway.url + path, init)).json()) as {
    base?: { code: number }
    status_code: number
  }
  return body.base?.code ?? body.status_code
}

describe('error codes of the compatibility APIs', () => {
  it.each([
    ['an empty username', { ...good, username: ' ' }, 12002],
    ['username too long', { ...good, username: 'a'.repeat(33) }, 12003],
    ['password too short', { ...good, password: '12345' }, 11003],
    ['password too long', { ...good, password: 'a'.repeat(65) }, 12004],
    ['username of two lines', { ...good, username: 'a\nb c' }, 10002],
    ['no username', { password: 'secret123' }, 10002],
  ])('%s', async (_case, fields, code) => {
    gateway = await startTestGateway({})
    expect(await codeOf('/user/register', form(fields))).toBe(code)
    expect(await codeOf('/douyin/user/register/', form(fields))).toBe(code)
  })

  it.each([
    ['of two characters', { ...good, username: 'ab' }, 12002],
    ['with a blank', { ...good, username: 'a b c' }, 10002],
  ])('a username %s is for Douyin alone', async (_case, fields, code) => {
    gateway = await startTestGateway({ user: { accounts: { register: failWith('username_taken') } } })
    expect(await codeOf('/user/register', form(fields))).toBe(code)
    expect(await codeOf('/douyin/user/register/', form(fields))).toBe(11000)
  })

  it('Douyin takes passwords of 32 characters at most', async () => {
    gateway = await startTestGateway({})
    expect(await codeOf('/douyin/user/register', form({ ...good, password: 'a'.repeat(33) }))).toBe(12004)
  })

  it.each([
    ['username_taken', 11000],
    ['too_many_requests', 10008],
    ['unavailable', 10001],
    ['internal', 10001],
    ['forbidden', -1],
  ] as const)('%s is %i', async (code, expected) => {
    gateway = await startTestGateway({ user: { accounts: { register: failWith(code) } } })
    expect(await codeOf('/user/register', form(good))).toBe(expected)
  })

  it('a failed Douyin sign-in still carries its fields, with HTTP 200', async () => {
    gateway = await startTestGateway({ user: { sessions: { logIn: failWith('wrong_credentials') } } })
    const response = await fetch(`${gateway.url}/douyin/user/login/?username=x&password=y`, { method: 'POST' })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status_code: 11002, user_id: 0, token: '' })
  })
})

describe('the native API', () => {
  it('a service that is down is a problem 503 with Retry-After', async () => {
    gateway = await startTestGateway({ feed: { timelines: { newest: failWith('unavailable') } } })
    const response = await fetch(`${gateway.url}/v1/feeds/newest`)
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('1')
    expect(response.headers.get('Content-Type')).toContain('application/problem+json')
    expect(await response.json()).toMatchObject({ code: 'unavailable', title: errorCatalogue.unavailable.title })
  })

  it('the anonymous feed has a strong ETag and answers 304 to who has it', async () => {
    const newest = async () => ({ items: [], nextCursor: null })
    gateway = await startTestGateway({ feed: { timelines: { newest } } })
    const first = await fetch(`${gateway.url}/v1/feeds/newest`)
    const etag = String(first.headers.get('ETag'))
    expect(etag).toMatch(/^"[\w-]+"$/)
    expect(first.headers.get('Cache-Control')).toContain('public, max-age=1')
    expect(first.headers.get('Vary')).toBe('Authorization')
    const second = await fetch(`${gateway.url}/v1/feeds/newest`, { headers: { 'If-None-Match': `W/"x", ${etag}` } })
    expect(second.status).toBe(304)
    expect(await (await fetch(`${gateway.url}/v1/feeds/newest?limit=101`)).json()).toMatchObject({
      code: 'invalid_input',
    })
  })

  it('the anonymous feed carries the headers of every other answer, whoever asks and whatever it says', async () => {
    const newest = async () => ({ items: [], nextCursor: null })
    const services = { feed: { timelines: { newest } } }
    gateway = await startTestGateway(services, { CORS_ORIGINS: 'https://web.example', RATE_LIMIT_FACTOR: '0.001' })
    const headers = { Origin: 'https://web.example', 'X-Request-Id': 'mine' }
    const common = ({ headers: answered }: Response) =>
      [...answered].filter(([name]) => !/^(content-(?!security)|cache-control|etag|vary|date|retry-after)/.test(name))
    const visitor = common(await fetch(`${gateway.url}/nope`, { headers: { 'X-Request-Id': 'mine' } }))
    const page = common(await fetch(`${gateway.url}/nope`, { headers }))
    const path = `${gateway.url}/v1/feeds/newest`
    const served = await fetch(path, { headers: { 'X-Request-Id': 'mine' } })
    expect(common(served)).toEqual(visitor.filter(([name]) => !name.startsWith('access-control')))
    const servedToPage = await fetch(path, { headers })
    expect(common(servedToPage)).toEqual(page)
    expect(servedToPage.headers.get('Vary')).toBe('Origin, Authorization')
    await fetch(path)
    const refused = await fetch(path, { headers })
    expect(refused.status).toBe(429)
    expect(common(refused)).toEqual(page)
  })

  it('a method that a path does not have is 405 with Allow', async () => {
    gateway = await startTestGateway({})
    const response = await fetch(`${gateway.url}/v1/users/me`, { method: 'DELETE' })
    expect(response.status).toBe(405)
    expect(response.headers.get('Allow')).toBe('GET, PATCH, HEAD, OPTIONS')
  })

  it.each(['/healthz', '/metrics', '/internal/profiles.getMany', '/v1/users/', '/events/x'])(
    '%s is not public',
    async (path) => {
      gateway = await startTestGateway({})
      expect((await fetch(gateway.url + path)).status).toBe(404)
    },
  )

  it('a body that is not JSON is refused unread', async () => {
    gateway = await startTestGateway({})
    expect((await fetch(`${gateway.url}/v1/users`, form(good))).status).toBe(415)
  })

  it('another origin gets no leave by default, and a configured one does', async () => {
    gateway = await startTestGateway({}, { CORS_ORIGINS: 'https://web.example' })
    const allowed = async (origin: string) =>
      (await fetch(`${gateway.url}/nope`, { headers: { Origin: origin } })).headers.get('Access-Control-Allow-Origin')
    expect(await allowed('https://web.example')).toBe('https://web.example')
    expect(await allowed('https://evil.example')).toBeNull()
  })
})
