import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { startBeside } from '../support/beside.ts'
import { newMember } from '../support/community.ts'
import { apiUrl, eventually, zipkinUrl } from '../support/stack.ts'
import { edgesOf, newTrace, readTrace, readTraces, type Span, senderOf } from '../support/traces.ts'

const NEWEST = '/v1/feeds/newest'
let authorization: string

beforeAll(async () => {
  authorization = `Bearer ${(await newMember()).tokens.accessToken}`
})

/** The traces of a span name that began after an instant (ms since 1970). */
async function tracesNamed(name: string, sinceMs: number): Promise<Span[][]> {
  const query = new URLSearchParams({ serviceName: 'gateway', spanName: name, limit: '100' })
  query.set('endTs', String(Date.now() + 60_000))
  query.set('lookback', String(Date.now() + 60_000 - sinceMs))
  return (await (await fetch(`${zipkinUrl}/api/v2/traces?${query}`)).json()) as Span[][]
}

describe('the anonymous feed', () => {
  test('makes one trace when it is fetched, and none for each hit', async () => {
    const sinceMs = Date.now()
    for (let hit = 0; hit < 20; hit++) await fetch(`${apiUrl}${NEWEST}?limit=77`)
    const fills = await eventually(async () => {
      const traces = await tracesNamed('fill /v1/feeds/newest', sinceMs)
      return traces.some((spans) => spans.some((span) => senderOf(span) === 'feed')) && traces
    })
    expect(fills.length).toBeLessThan(20)
    expect(await tracesNamed(`get ${NEWEST}`, sinceMs)).toEqual([])
  })

  test('is traced for who asks for it', async () => {
    const { traceId, traceparent } = newTrace()
    await fetch(apiUrl + NEWEST, { headers: { traceparent } })
    expect(await readTrace(traceId, (spans) => spans.length > 0)).toMatchObject([{ name: `get ${NEWEST}` }])
  })
})

test('a trace that its sender does not keep makes no span, and errors still tell its id, also after a body was read', async () => {
  const { traceId, traceparent } = newTrace()
  const headers = { authorization, traceparent: traceparent.replace(/01$/, '00'), 'content-type': 'application/json' }
  const refused = await fetch(`${apiUrl}/v1/videos/1`, { method: 'PATCH', headers, body: '{"title":"unknown"}' })
  expect(refused.status).toBe(404)
  expect(await refused.json()).toMatchObject({ traceId, code: 'video_not_found' })
  const kept = newTrace()
  await fetch(`${apiUrl}/v1/videos/1`, { headers: { authorization, traceparent: kept.traceparent } })
  await readTrace(kept.traceId, (all) => all.some((span) => senderOf(span) === 'video'))
  expect((await fetch(`${zipkinUrl}/api/v2/trace/${traceId}`)).status).toBe(404)
})

describe('beyond TRACES_PER_SECOND', () => {
  test('a trace is not kept, by the sidecars neither; below it all of it is', async () => {
    const gateway = await startBeside('gateway', { settings: { TRACES_PER_SECOND: '1', TRACE_SAMPLING: '0' } })
    try {
      const startedAt = performance.now()
      const traceIds: string[] = []
      for (let index = 0; index < 40; index++) {
        const refused = await fetch(`${gateway.publicUrl}/v1/videos/1`, { headers: { authorization } })
        traceIds.push(((await refused.json()) as { traceId: string }).traceId)
        await delay(50)
      }
      const most = 2 + (performance.now() - startedAt) / 1_000
      const later = newTrace()
      await fetch(`${gateway.publicUrl}/v1/videos/1`, { headers: { authorization, traceparent: later.traceparent } })
      await readTrace(later.traceId, (all) => all.some((span) => senderOf(span) === 'video'))
      const found = await readTraces(traceIds, () => false, { timeoutMs: 5_000 })
      expect(found.size).toBeGreaterThan(0)
      expect(found.size).toBeLessThanOrEqual(most)
      for (const spans of found.values())
        expect([...edgesOf(spans)]).toEqual(
          expect.arrayContaining(['gateway -> gateway.sidecar', 'video.sidecar -> video']),
        )
    } finally {
      await gateway.stop()
    }
  })
})

describe('with TRACE_SAMPLING=0', () => {
  test('nothing behind the gateway makes a span, and an error still tells the trace id its log lines carry', async () => {
    const gateway = await startBeside('gateway', { settings: { TRACES_PER_SECOND: '0', TRACE_SAMPLING: '0' } })
    try {
      const served = await fetch(`${gateway.publicUrl}${NEWEST}?limit=3`, { headers: { authorization } })
      expect(served.status).toBe(200)
      const refused = await fetch(`${gateway.publicUrl}/v1/videos/1`, { headers: { authorization } })
      const { traceId } = (await refused.json()) as { traceId: string }
      expect(traceId).toMatch(/^[0-9a-f]{32}$/)
      // A later, sampled trace has arrived, so this one, which called video too, would have.
      const kept = newTrace()
      await fetch(`${gateway.publicUrl}/v1/videos/1`, { headers: { authorization, traceparent: kept.traceparent } })
      const spans = await readTrace(kept.traceId, (all) => all.some((span) => senderOf(span) === 'video'))
      expect(new Set(spans.map(senderOf))).toContain('video.sidecar')
      expect((await fetch(`${zipkinUrl}/api/v2/trace/${traceId}`)).status).toBe(404)
    } finally {
      await gateway.stop()
    }
  })
})
