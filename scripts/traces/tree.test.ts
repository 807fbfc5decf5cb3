import { expect, it } from 'vitest'
import type { Span } from './span.ts'
import { drawTrace } from './tree.ts'

const at = Date.parse('2026-11-28T09:00:00.000Z') * 1_000
const traceId = '0'.repeat(31).concat('1')

function span(id: string, parentId: string | undefined, service: string, more: Partial<Span> & { from?: number } = {}) {
  const { from = 0, tags = {}, ...rest } = more
  const made: Span = { traceId, id, localEndpoint: { serviceName: service }, timestamp: at + from, tags, ...rest }
  return parentId === undefined ? made : { ...made, parentId }
}

it('a trace is a tree in the order in which its spans began', () => {
  const spans = [
    span('c', 'b', 'video', { from: 3_000, duration: 1_500, tags: { 'db.query.text': 'select 1\n  from `video`' } }),
    span('d', 'a', 'gateway', { from: 6_000, duration: 200, name: 'get' }),
    span('b', 'a', 'gateway', { from: 1_000, duration: 4_000, tags: { 'otel.scope.name': 'dapr-diagnostics' } }),
    span('a', 'client', 'gateway', {
      duration: 10_000,
      name: 'get /v1/videos/{id}',
      tags: { 'http.response.status_code': '200' },
    }),
  ]
  expect(drawTrace(spans)).toEqual([
    '4 spans in 10.0 ms, from 2026-11-28T09:00:00.000Z',
    '     0.0     10.0  gateway            get /v1/videos/{id}  200',
    '     1.0      4.0  ├ gateway.sidecar',
    '     3.0      1.5  │ └ video          select 1 from `video`',
    '     6.0      0.2  └ gateway          get',
  ])
})

it('failures say so, with what was said about them', () => {
  const failed = span('a', undefined, 'user', { duration: 100, name: 'post', tags: { error: 'x'.repeat(80) } })
  const broken = span('b', undefined, 'user', {
    duration: 100,
    name: 'get',
    tags: { 'http.response.status_code': '503' },
  })
  const refused = span('c', undefined, 'user', {
    duration: 100,
    name: 'get',
    tags: { 'http.response.status_code': '404' },
  })
  const [, first, second, third] = drawTrace([failed, broken, refused])
  expect(first).toMatch(/post {2}FAILED x{59}…$/)
  expect(second).toMatch(/get {2}503 {2}FAILED$/)
  expect(third).toMatch(/get {2}404$/)
})

it('a span whose parent was lost, or that names itself, is shown at the top', () => {
  const lines = drawTrace([span('a', 'lost', 'feed', { name: 'one' }), span('b', 'b', 'feed', { name: 'two' })])
  expect(lines.slice(1)).toEqual(['     0.0      0.0  feed  one', '     0.0      0.0  feed  two'])
})
