import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { feedContract, operation, videoContract } from '@fanone/contracts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { createServiceClient } from './invoke.ts'
import { DeadlineTransport } from './transport.ts'

/** A sidecar behind which `video` hangs and `feed` answers, after it lost so many answers. */
let server: Server
let transport: DeadlineTransport
let hanging = 0
let halfOpen = false
let toLose: ('answer' | 'half of it' | 'answer, late' | 'the end')[] = []
let asked = 0
let keys: unknown[] = []

beforeEach(async () => {
  hanging = 0
  halfOpen = false
  toLose = []
  asked = 0
  keys = []
  server = createServer((request, response) => {
    if (request.url?.includes('/invoke/video/')) return void hanging++
    asked++
    keys.push(request.headers['fanone-idempotency-key'])
    if (halfOpen) {
      const refusal = { errorCode: 'ERR_DIRECT_INVOKE', message: 'failed to invoke, id: feed, err: too many requests' }
      response.statusCode = 500
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(refusal))
    }
    const lost = toLose.shift()
    if (lost === 'answer') return void request.socket.destroy()
    if (lost === 'answer, late') return void setTimeout(() => request.socket.destroy(), 800)
    if (lost === 'the end') return void response.setHeader('content-length', 100).write('{"items":')
    if (lost) return void response.setHeader('content-type', 'application/json').end('{"items":')
    response.setHeader('content-type', 'application/json').end('{"items":[],"nextCursor":null}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  transport = new DeadlineTransport({ port: (server.address() as AddressInfo).port })
})
afterEach(() => server.closeAllConnections())

it('an operation that hangs has so many calls at a time, refuses further ones at once, and holds up no other', async () => {
  const video = createServiceClient(videoContract, { appId: 'video', transport })
  const feed = createServiceClient(feedContract, { appId: 'feed', transport })
  const leaving = new AbortController()
  const outcomes: string[] = []
  const publish = ({ signal }: AbortController) =>
    video.videos.publish({ uploadId: 'ab'.repeat(16), title: 'a', description: '' }, { signal })
  const calls = Array.from({ length: 300 }, () => publish(leaving).catch((error) => void outcomes.push(error.code)))
  await expect.poll(() => hanging, { timeout: 20_000 }).toBe(128)
  expect(outcomes).toEqual(Array(172).fill('unavailable'))
  // Also another operation of the same service, which may be well.
  const walking = video.videos.walk({ afterId: 0, limit: 1 } as never, { signal: leaving.signal, context: {} })
  await expect.poll(() => hanging, { timeout: 20_000 }).toBe(129)
  expect(await feed.timelines.newest({ limit: 1 as never }, { context: {} })).toEqual({ items: [], nextCursor: null })
  leaving.abort()
  await Promise.allSettled([...calls, walking])
  const leavingToo = new AbortController()
  const next = publish(leavingToo).catch(() => {})
  await expect.poll(() => hanging, { timeout: 20_000 }).toBe(130)
  leavingToo.abort()
  await next
}, 60_000)

it.each(['answer', 'half of it'] as const)('asks once more for an answer that was lost (%s)', async (lost) => {
  const feed = createServiceClient(feedContract, { appId: 'feed', transport })
  toLose = [lost]
  expect(await feed.timelines.newest({ limit: 1 as never }, { context: {} })).toEqual({ items: [], nextCursor: null })
  expect(asked).toBe(2)
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
  expect(keys[1]).toBe(keys[0])
  toLose = [lost, lost, lost]
  const failing = feed.timelines.newest({ limit: 1 as never }, { context: {} })
  await expect(failing).rejects.toMatchObject({ code: 'unavailable' })
  expect(asked).toBe(4)
})

it('asks a service that is too slow only once', async () => {
  const video = createServiceClient(videoContract, { appId: 'video', transport })
  const slow = video.videos.getMany({ ids: [1] as never }, { context: { timeoutMs: 500 } })
  await expect(slow).rejects.toMatchObject({ code: 'timeout' })
  expect(hanging).toBe(1)
})

it('an operation has the deadline of its contract, a caller can only wait less', async () => {
  const contract = {
    videos: {
      slow: operation('videos.slow', {
        idempotency: 'safe',
        timeoutMs: 200,
        input: z.object({}),
        output: z.object({}),
      }),
    },
  }
  const { videos } = createServiceClient(contract, { appId: 'video', transport })
  const waited = async (context: { timeoutMs?: number }) => {
    const start = performance.now()
    await expect(videos.slow({}, { context })).rejects.toMatchObject({ code: 'timeout' })
    return performance.now() - start
  }
  expect(await waited({})).toBeGreaterThan(190)
  expect(await waited({ timeoutMs: 60_000 })).toBeLessThan(5_000)
  expect(await waited({ timeoutMs: 20 })).toBeLessThan(190)
})

const slow = {
  noun: {
    slow: operation('noun.slow', { idempotency: 'safe', timeoutMs: 1_500, input: z.object({}), output: z.object({}) }),
  },
}

it('asks for a lost answer within the deadline that the call had', async () => {
  const { noun } = createServiceClient(slow, { appId: 'feed', transport })
  toLose = ['answer, late', 'the end']
  const start = performance.now()
  await expect(noun.slow({})).rejects.toMatchObject({ code: 'timeout' })
  expect(asked).toBe(2)
  expect(performance.now() - start).toBeLessThan(2_200)
})

it('an answer whose end does not come in time is too slow, not lost', async () => {
  const { noun } = createServiceClient(slow, { appId: 'feed', transport })
  toLose = ['the end']
  await expect(noun.slow({})).rejects.toMatchObject({ code: 'timeout' })
  expect(asked).toBe(1)
})

it('calls that a half-open breaker refuses come again together until it is closed, though not for long', async () => {
  const feed = createServiceClient(feedContract, { appId: 'feed', transport })
  const newest = () => feed.timelines.newest({ limit: 1 as never }, { context: {} })
  halfOpen = true
  const calls = Array.from({ length: 50 }, newest)
  await expect.poll(() => asked).toBeGreaterThan(2)
  halfOpen = false
  expect(await Promise.all(calls)).toEqual(Array(50).fill({ items: [], nextCursor: null }))
  halfOpen = true
  await expect(newest()).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 1 })
})
