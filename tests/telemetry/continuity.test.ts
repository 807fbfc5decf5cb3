import { expect, test } from 'vitest'
import { newMember, publish } from '../support/community.ts'
import { scaled } from '../support/sampling.ts'
import { apiUrl, eventually } from '../support/stack.ts'
import { edgesOf, newTrace, readTraces, type Span } from '../support/traces.ts'

const requests = scaled({ quick: 60, full: 1_000 })
/** Zipkin keeps what fits into its memory, so it is asked after each portion. */
const portion = 60
/** From the API through the outbox and Kafka to who consumes. */
const way = [
  'gateway -> gateway.sidecar',
  'gateway.sidecar -> video.sidecar',
  'video.sidecar -> video',
  'video -> feed.sidecar',
  'feed.sidecar -> feed',
]

test(`R33: ${requests} changes keep one trace id each, from the API to the last consumer`, {
  timeout: 120_000 + requests * 1_000,
}, async () => {
  const member = await newMember('traced')
  const videos = await Promise.all(Array.from({ length: 4 }, () => publish(member)))
  const edit = async (index: number, traceparent: string) => {
    const response = await fetch(`${apiUrl}/v1/videos/${videos[index % videos.length]?.id}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${member.tokens.accessToken}`,
        'content-type': 'application/json',
        traceparent,
      },
      body: JSON.stringify({ title: `edit ${index}` }),
    })
    await response.arrayBuffer()
    return response.status
  }
  const broken: string[] = []
  for (let first = 0; first < requests; first += portion) {
    const traces = Array.from({ length: Math.min(portion, requests - first) }, newTrace)
    for (const [index, { traceparent }] of traces.entries()) {
      // One at a time: what is asked for here is the trace, not the speed.
      await eventually(async () => (await edit(first + index, traceparent)) === 200)
    }
    const spans = await readTraces(
      traces.map(({ traceId }) => traceId),
      isWhole,
    )
    for (const { traceId } of traces) {
      const edges = edgesOf(spans.get(traceId) ?? [])
      const missing = way.filter((edge) => !edges.has(edge))
      if (missing.length > 0) broken.push(`${traceId} lacks ${missing.join(', ')}`)
    }
  }
  expect(broken.length / requests, broken.slice(0, 5).join('\n')).toBeLessThanOrEqual(0.001)
})

function isWhole(spans: Span[]): boolean {
  const edges = edgesOf(spans)
  return way.every((edge) => edges.has(edge))
}
