import type { SignedIn } from '@fanone/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestGateway } from '../testing/test-gateway.ts'

const made = '2026-01-01T00:00:00.000Z'
const profile = { id: 7, username: 'annabel', name: 'Annabel', avatarKey: null, backgroundKey: null, signature: '' }
const signedInWith = (refreshToken: string): SignedIn => ({
  user: { ...profile, createdAt: made, updatedAt: made },
  tokens: { accessToken: 'access', refreshToken, expiresInSeconds: 900 },
})
const credentials = { username: 'annabel', password: 'tin roof & rain' }
const cookie =
  /^fanone_refresh=(\S+); Max-Age=2592000; Path=\/v1\/sessions\/refresh; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/

let gateway: Awaited<ReturnType<typeof startTestGateway>>
let calls: string[]
beforeEach(async () => {
  calls = []
  gateway = await startTestGateway({
    user: {
      sessions: {
        logIn: async () => {
          calls.push('logIn')
          return signedInWith('7.first')
        },
        refresh: async ({ refreshToken }: { refreshToken: string }) => {
          calls.push(refreshToken)
          return signedInWith('7.second')
        },
      },
    },
  })
})
afterEach(() => gateway.stop())

function post(path: string, json: object, headers: Record<string, string> = {}): Promise<Response> {
  const body = JSON.stringify(json)
  return fetch(gateway.url + path, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
}
const fromPage = (more: Record<string, string> = {}) => ({ 'session-storage': 'cookie', origin: gateway.url, ...more })

describe('a page of our own', () => {
  it('gets the refresh token as a cookie that no script can read, and in no body', async () => {
    const answer = await post('/v1/sessions', credentials, fromPage())
    expect(answer.status).toBe(201)
    expect(cookie.exec(String(answer.headers.get('set-cookie')))?.[1]).toBe('7.first')
    expect(await answer.json()).toMatchObject({ tokens: { accessToken: 'access' } })
    expect(await (await post('/v1/sessions', credentials, fromPage())).text()).not.toContain('7.first')
  })

  it('refreshes by the cookie, which turns into the next', async () => {
    const answer = await post('/v1/sessions/refresh', {}, fromPage({ cookie: 'other=1; fanone_refresh=7.first' }))
    expect(answer.status).toBe(200)
    expect(calls).toEqual(['7.first'])
    expect(cookie.exec(String(answer.headers.get('set-cookie')))?.[1]).toBe('7.second')
  })

  it('without a cookie has to log in', async () => {
    expect((await post('/v1/sessions/refresh', {}, fromPage())).status).toBe(400)
    expect(calls).toEqual([])
  })
})

describe('a page of another origin', () => {
  it.each(['https://elsewhere.example', 'null', undefined])('from %j opens no session in a cookie', async (origin) => {
    const headers = { 'session-storage': 'cookie', ...(origin && { origin }) }
    expect((await post('/v1/sessions', credentials, headers)).status).toBe(403)
    const withCookie = { ...headers, cookie: 'fanone_refresh=7.first' }
    expect((await post('/v1/sessions/refresh', {}, withCookie)).status).toBe(403)
    expect(calls).toEqual([])
  })

  it.each(['cross-site', 'same-site', 'none'])('is known by what its browser says: %s', async (site) => {
    expect((await post('/v1/sessions', credentials, fromPage({ 'sec-fetch-site': site }))).status).toBe(403)
    expect(calls).toEqual([])
  })
})

it('another value of the header is refused', async () => {
  expect((await post('/v1/sessions', credentials, fromPage({ 'session-storage': 'memory' }))).status).toBe(400)
  expect(calls).toEqual([])
})

describe('who does not ask for a cookie', () => {
  it('gets both tokens in the body, and no cookie', async () => {
    const answer = await post('/v1/sessions', credentials, { origin: 'https://elsewhere.example' })
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(await answer.json()).toMatchObject({ tokens: { refreshToken: '7.first' } })
  })

  it('is not refreshed by a cookie that happens to come along', async () => {
    const answer = await post('/v1/sessions/refresh', {}, { cookie: 'fanone_refresh=7.first' })
    expect(answer.status).toBe(400)
    expect(calls).toEqual([])
  })
})
