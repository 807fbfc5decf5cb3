import type { VideoProcessing } from '@fanone/contracts'
import { ServiceError } from '@fanone/service-kit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { startTestGateway } from '../testing/test-gateway.ts'
import { signToken } from '../testing/test-tokens.ts'

vi.setConfig({ testTimeout: 20_000 })

let gateway: Awaited<ReturnType<typeof startTestGateway>> | undefined
afterEach(() => gateway?.stop())

/** Opens the stream of a video whose states are told one after the other. */
async function open(tell: () => Promise<VideoProcessing>, headers?: Record<string, string>) {
  gateway = await startTestGateway({ video: { videos: { processing: tell } } })
  const authorization = `Bearer ${await signToken(gateway.key)}`
  return fetch(`${gateway.url}/v1/videos/1/events`, { headers: headers ?? { authorization } })
}

const inTurn = (states: VideoProcessing[]) => async () =>
  (states.length > 1 ? states.shift() : states[0]) as VideoProcessing
const at = (progress: number): VideoProcessing => ({ state: 'processing', progress, reason: null })
const eventsIn = (text: string) =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as VideoProcessing)

describe('the events of a video', () => {
  it('tell every change until there can be none', async () => {
    const ready: VideoProcessing = { state: 'ready', progress: 100, reason: null }
    const answer = await open(inTurn([at(0), at(0), at(40), ready]))
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(answer.headers.get('cache-control')).toContain('no-cache')
    expect(eventsIn(await answer.text())).toEqual([at(0), at(40), ready])
  })

  it('are one where nothing changes any more', async () => {
    const failed: VideoProcessing = { state: 'failed', progress: 0, reason: 'Its picture cannot be converted' }
    expect(eventsIn(await (await open(inTurn([failed]))).text())).toEqual([failed])
  })

  it('end when the service does not answer, so that the client asks again', async () => {
    const states = [at(10)]
    const answer = await open(async () => {
      const state = states.shift()
      if (!state) throw new ServiceError('unavailable')
      return state
    })
    expect(eventsIn(await answer.text())).toEqual([at(10)])
  })

  it('are a problem for who may not see them', async () => {
    const forbidden = await open(async () => {
      throw new ServiceError('forbidden')
    })
    expect([forbidden.status, forbidden.headers.get('content-type')]).toEqual([403, expect.stringContaining('problem')])
    await gateway?.stop()
    expect((await open(inTurn([at(0)]), {})).status).toBe(401)
  })

  const openAs = async (userId: number, videoId = 1) => {
    const token = await signToken(gateway?.key as never, { claims: { sub: String(userId) } })
    return fetch(`${gateway?.url}/v1/videos/${videoId}/events`, { headers: { authorization: `Bearer ${token}` } })
  }

  it('are open to others, however many one user leaves open, and that user is told to close some', async () => {
    gateway = await startTestGateway({ video: { videos: { processing: inTurn([at(0)]) } } }, { ROUTE_CONCURRENCY: '4' })
    const answers: Response[] = []
    for (let count = 0; count < 12; count++) answers.push(await openAs(1))
    const open = answers.filter(({ status }) => status === 200)
    expect(open).toHaveLength(8)
    const refused = answers.filter(({ status }) => status !== 200)
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]))
    expect((await openAs(2)).status).toBe(200)
    await open[0]?.body?.cancel()
    await expect.poll(async () => (await openAs(1)).status).toBe(200)
  })

  it('end with the session that asked for them', async () => {
    const items: { sessionId: string; endedAt: string }[] = []
    const listEnded = async () => ({ items, isLast: true, asOf: new Date().toISOString() })
    gateway = await startTestGateway({
      user: { sessions: { listEnded } },
      video: { videos: { processing: inTurn([at(0)]) } },
    })
    const answer = await openAs(1)
    items.push({ sessionId: 'session', endedAt: new Date().toISOString() })
    await gateway.readEnded()
    expect(eventsIn(await answer.text())).toEqual([at(0)])
  })

  it('end with the gateway', async () => {
    const answer = await open(inTurn([at(0)]))
    gateway?.end()
    expect(eventsIn(await answer.text())).toEqual([at(0)])
  })
})
