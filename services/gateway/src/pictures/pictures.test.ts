import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { ErrorCode } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { afterEach, describe, expect, it } from 'vitest'
import { startTestGateway } from '../testing/test-gateway.ts'
import { signToken } from '../testing/test-tokens.ts'
import { drawAvatar } from './default-avatars.ts'

let gateway: Awaited<ReturnType<typeof startTestGateway>>
afterEach(() => gateway.stop())

const profile = {
  id: 42,
  username: 'ann',
  name: 'Ann',
  avatarKey: 'users/42/0123/256.webp',
  backgroundKey: null,
  signature: '',
  createdAt: '2026-11-21T13:07:40.000Z',
  updatedAt: '2026-11-21T13:07:40.000Z',
}

type Set = (input: { kind: string; uploadId: string }, options: { context: object }) => Promise<unknown>
const start = (setPicture: Set) => startTestGateway({ user: { profiles: { setPicture } } } as never)
const fail =
  (code: ErrorCode): Set =>
  () =>
    Promise.reject(new ServiceError(code))

async function send(path: string, size: number, options: { field?: string; token?: boolean } = {}) {
  const { field = 'data', token = true } = options
  const body = new FormData()
  body.append(field, new Blob([Buffer.alloc(size, 1)]), 'picture.svg')
  const headers = new Headers(token ? [['Authorization', `Bearer ${await signToken(gateway.key)}`]] : [])
  const response = await fetch(gateway.url + path, { method: 'PUT', body, headers })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('a picture', () => {
  it.each([
    ['/v1/users/me/avatar', 'avatar'],
    ['/v1/users/me/background', 'background'],
    ['/user/avatar/upload', 'avatar'],
  ])('PUT %s is handed over as the %s of the caller', async (path, kind) => {
    const calls: unknown[] = []
    gateway = await start(async (input, options) => {
      calls.push({ ...input, ...options.context })
      return profile
    })
    const { status, body } = await send(path, 1_000)
    expect(status).toBe(200)
    expect(JSON.stringify(body)).toContain('http://127.0.0.1:8080/media/users/42/0123/256.webp')
    expect(calls).toMatchObject([{ kind, uploadId: expect.stringMatching(/^[0-9a-f]{32}$/), identity: { userId: 42 } }])
  })

  it.each<[string, ErrorCode, number, number, number]>([
    ['refused', 'not_a_picture', 422, 12001, 0],
    ['with an unknown fate', 'unavailable', 503, 10001, 1],
  ])('that was %s is removed unless it may be needed', async (_case, code, status, compatCode, left) => {
    gateway = await start(fail(code))
    expect(await send('/v1/users/me/avatar', 10)).toMatchObject({ status, body: { code } })
    expect(await gateway.storedFiles()).toHaveLength(left)
    expect((await send('/user/avatar/upload', 10)).body).toMatchObject({ base: { code: compatCode } })
  })

  it('for the video of somebody else is refused before it is read', async () => {
    const processing = () => Promise.reject(new ServiceError('forbidden'))
    gateway = await startTestGateway({ video: { videos: { processing } } } as never)
    const headers = {
      Authorization: `Bearer ${await signToken(gateway.key)}`,
      'Content-Type': 'multipart/form-data; boundary=x',
      'Content-Length': 10 * 1024 ** 2,
    }
    const sent = request(`${gateway.url}/v1/videos/7/cover`, { method: 'PUT', headers })
    // Not one byte of the file is sent.
    sent.flushHeaders()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    expect(response.statusCode).toBe(403)
    sent.destroy()
  })

  it('of more than 5 MiB is no avatar, but may be a background', async () => {
    gateway = await start(async () => profile)
    expect(await send('/v1/users/me/avatar', 5 * 1024 ** 2 + 1)).toMatchObject({ status: 413 })
    expect((await send('/user/avatar/upload', 5 * 1024 ** 2 + 1)).body).toMatchObject({ base: { code: 12000 } })
    await expect.poll(() => gateway.storedFiles()).toEqual([])
    expect(await send('/v1/users/me/background', 5 * 1024 ** 2 + 1)).toMatchObject({ status: 200 })
  })

  it('of nobody, in the wrong field or in no form is refused, and nothing stays', async () => {
    gateway = await start(async () => profile)
    expect(await send('/v1/users/me/avatar', 10, { token: false })).toMatchObject({ status: 401 })
    expect(await send('/v1/users/me/avatar', 10, { field: 'picture' })).toMatchObject({ status: 400 })
    const headers = { Authorization: `Bearer ${await signToken(gateway.key)}`, 'Content-Type': 'image/png' }
    const raw = await fetch(`${gateway.url}/v1/users/me/avatar`, { method: 'PUT', body: 'x', headers })
    expect(raw.status).toBe(415)
    await expect.poll(() => gateway.storedFiles()).toEqual([])
  })
})

describe('a user without a picture', () => {
  it('has one that is drawn from the id, and never another one', async () => {
    gateway = await start(fail('internal'))
    const response = await fetch(`${gateway.url}/media/default-avatars/42/256.png`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(response.headers.get('cache-control')).toContain('immutable')
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.equals(drawAvatar('42', 256))).toBe(true)
    expect(bytes.equals(drawAvatar('43', 256))).toBe(false)
    for (const path of ['0/256.png', '42/257.png', '42/256.svg', '-1/256.png', '99999999999999999/256.png'])
      expect((await fetch(`${gateway.url}/media/default-avatars/${path}`)).status).toBe(404)
  })

  it('looks like nobody else', async () => {
    gateway = await start(fail('internal'))
    const drawn = new Set(Array.from({ length: 2_000 }, (_, id) => drawAvatar(String(id + 1), 64).toString('base64')))
    expect(drawn.size).toBe(2_000)
  })
})
