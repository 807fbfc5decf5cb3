import { ServiceError } from '@fanone/service-kit'
import { afterEach, describe, expect, it } from 'vitest'
import { declaredRoutes } from '../routing/declared-routes.ts'
import { startTestGateway } from '../testing/test-gateway.ts'
import { signToken } from '../testing/test-tokens.ts'

let gateway: Awaited<ReturnType<typeof startTestGateway>> | undefined
afterEach(() => gateway?.stop())

const nothing = { items: [], nextCursor: null }

/** A gateway before a feed service that a test plays: it notes what it is asked. */
async function start(answer: () => unknown = () => nothing, env: Record<string, string> = {}) {
  const asked: unknown[] = []
  const call = async (input: unknown) => {
    asked.push(input)
    return answer()
  }
  const started = await startTestGateway({ feed: { timelines: { newest: call, popular: call } } }, env)
  gateway = started
  const get = (path: string, headers: Record<string, string> = {}) => fetch(started.url + path, { headers })
  return { asked, get, started }
}

describe('answers that are shared', () => {
  it('are those of routes that anybody may read', () => {
    const shared = declaredRoutes.filter(({ meta }) => meta.cache?.shared)
    expect(shared.map(({ path }) => path)).toEqual(['/v1/feeds/newest', '/v1/feeds/popular'])
    for (const { method, meta } of shared) {
      expect(method).toBe('GET')
      expect(meta.access).not.toBe('user')
    }
  })

  it('are made once for all who show no token, each address its own', async () => {
    const { asked, get } = await start()
    const paths = ['/v1/feeds/popular', '/v1/feeds/popular?period=week']
    for (const path of paths) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => get(path)))
      for (const { status, headers } of answers) {
        expect(status).toBe(200)
        expect(headers.get('Cache-Control')).toBe('public, max-age=1, stale-if-error=60')
        expect(headers.get('ETag')).toMatch(/^"[\w-]+"$/)
      }
    }
    // A busy machine may need more than a second for them, and then fills again.
    expect(asked.length).toBeLessThan(10)
    const periods = asked.map((input) => (input as { period: string }).period)
    expect(new Set(periods)).toEqual(new Set(['day', 'week']))
  })

  it('are not for who shows a token, nor for further pages', async () => {
    const { asked, get, started } = await start()
    const authorization = `Bearer ${await signToken(started.key)}`
    await get('/v1/feeds/newest')
    for (const headers of [{ authorization }, { authorization: 'Bearer bad' }]) {
      const { headers: answered } = await get('/v1/feeds/newest', headers)
      expect(answered.get('Cache-Control')).not.toContain('public')
    }
    expect((await get('/v1/feeds/newest?cursor=further')).headers.get('Cache-Control')).toBe('private, no-cache')
    expect(asked).toEqual([{ limit: 20 }, { limit: 20 }, { cursor: 'further', limit: 20 }])
  })

  it('are the last good ones while the service behind is away, and nobody hears of it', async () => {
    let isAway = false
    const { get } = await start(() => {
      if (isAway) throw new ServiceError('unavailable')
      return nothing
    })
    await get('/v1/feeds/newest')
    isAway = true
    expect((await get('/v1/feeds/newest')).status).toBe(200)
    expect((await get('/v1/feeds/newest?limit=5')).status).toBe(503)
  })

  it('are refused where the request is wrong, without keeping that from who asks right', async () => {
    const { asked, get } = await start()
    expect((await get('/v1/feeds/newest?limit=101')).status).toBe(400)
    expect((await get('/v1/feeds/newest?limit=100')).status).toBe(200)
    expect(asked).toEqual([{ limit: 100 }])
  })

  it('are filled for so many addresses at a time as the route may have requests', async () => {
    const { promise, resolve } = Promise.withResolvers<object>()
    const { asked, get } = await start(() => promise, { ROUTE_CONCURRENCY: '2' })
    const filling = [get('/v1/feeds/newest?limit=1'), get('/v1/feeds/newest?limit=2')]
    await expect.poll(() => asked.length).toBe(2)
    const refused = await get('/v1/feeds/newest?limit=3')
    expect(refused.status).toBe(503)
    expect(refused.headers.get('Retry-After')).toBe('1')
    resolve(nothing)
    for (const { status } of await Promise.all(filling)) expect(status).toBe(200)
  })

  it('make no trace, unless the request brings its own or shows a token', async () => {
    const { started } = await start()
    const isQuiet = (url: string, headers: Record<string, string> = {}) =>
      started.isQuiet({ method: 'GET', url, headers } as never)
    expect(isQuiet('/v1/feeds/newest')).toBe(true)
    expect(isQuiet('/v1/feeds/popular?period=hour')).toBe(true)
    expect(isQuiet('/v1/feeds/newest', { traceparent: '00-1-1-01' })).toBe(false)
    expect(isQuiet('/v1/feeds/newest', { authorization: 'x' })).toBe(false)
    expect(isQuiet('/v1/users/1')).toBe(false)
  })
})
