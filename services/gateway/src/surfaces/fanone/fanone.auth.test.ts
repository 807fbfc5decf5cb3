import { ServiceError } from '@fanone/service-kit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestGateway } from '../../testing/test-gateway.ts'
import { signToken } from '../../testing/test-tokens.ts'

const profile = {
  id: 42,
  username: 'ann',
  name: 'ann',
  avatarKey: null,
  backgroundKey: null,
  signature: '',
  createdAt: '2026-11-21T13:07:40.769Z',
  updatedAt: '2026-11-21T13:07:40.769Z',
}

let gateway: Awaited<ReturnType<typeof startTestGateway>>
let refreshKeys: string[]

beforeEach(async () => {
  refreshKeys = []
  const refresh = async (
    { refreshToken }: { refreshToken: string },
    options: { context: { idempotencyKey: string } },
  ) => {
    refreshKeys.push(options.context.idempotencyKey)
    if (refreshToken !== 'good') throw new ServiceError('refresh_token_invalid')
    const accessToken = await signToken(gateway.key)
    return { user: profile, tokens: { accessToken, refreshToken: 'next', expiresInSeconds: 900 } }
  }
  gateway = await startTestGateway({
    user: { profiles: { getMany: async () => ({ items: [profile] }) }, sessions: { refresh } },
  })
})
afterEach(() => gateway.stop())

const info = async (headers: Record<string, string>) => {
  const response = await fetch(`${gateway.url}/user/info`, { headers })
  const body = (await response.json()) as { base: { code: number } }
  return { status: response.status, code: body.base.code, headers: response.headers }
}

describe('FanOne authentication', () => {
  it('no token is 10005, with HTTP 200', async () => {
    expect(await info({})).toMatchObject({ status: 200, code: 10005 })
  })

  it('a bad token is 10004, even beside a good refresh token', async () => {
    expect((await info({ 'Access-Token': 'x', 'Refresh-Token': 'good' })).code).toBe(10004)
  })

  it('a bearer token is as good as the header', async () => {
    expect((await info({ Authorization: `Bearer ${await signToken(gateway.key)}` })).code).toBe(10000)
  })

  it('an expired access token alone is 10006', async () => {
    const expired = await signToken(gateway.key, { expiresInSeconds: -5 })
    expect((await info({ 'Access-Token': expired })).code).toBe(10006)
  })

  it('beside a refresh token that is not good (any more) it is 10007', async () => {
    const expired = await signToken(gateway.key, { expiresInSeconds: -5 })
    expect((await info({ 'Access-Token': expired, 'Refresh-Token': 'old' })).code).toBe(10007)
  })

  it('beside a good refresh token the request succeeds and the answer carries a new pair', async () => {
    const expired = await signToken(gateway.key, { expiresInSeconds: -5 })
    const { code, headers } = await info({ 'Access-Token': expired, 'Refresh-Token': 'good' })
    expect(code).toBe(10000)
    expect(headers.get('New-Access-Token')).toMatch(/^ey/)
    expect(headers.get('New-Refresh-Token')).toBe('next')
  })

  it('parallel requests with one refresh token share one key, so that all succeed', async () => {
    const expired = await signToken(gateway.key, { expiresInSeconds: -5 })
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => info({ 'Access-Token': expired, 'Refresh-Token': 'good' })),
    )
    expect(answers.map(({ code }) => code)).toEqual([10000, 10000, 10000, 10000, 10000])
    expect(new Set(refreshKeys).size).toBe(1)
    expect(refreshKeys[0]).not.toContain('good')
  })
})
