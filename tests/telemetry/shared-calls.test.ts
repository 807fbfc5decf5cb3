import { setTimeout } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { apiUrl } from '../support/stack.ts'
import { newTrace, readTraces, type Span, senderOf } from '../support/traces.ts'

const VIDEOS = 3
const MEMBERS = 16
const call = '/v1.0/invoke/interaction/method/internal/likes.like'

let members: Member[]
let videoIds: number[]
beforeAll(async () => {
  members = await Promise.all(Array.from({ length: MEMBERS }, () => newMember()))
  const author = members[0] as Member
  videoIds = (await Promise.all(Array.from({ length: VIDEOS }, () => publish(author)))).map(({ id }) => id)
})

test('calls that share a request have each their spans on both sides, with their own parents', async () => {
  const traceIds = await Promise.all(members.flatMap((member) => videoIds.map((id) => like(member, id))))
  const traces = await readTraces(traceIds, isWhole)
  for (const traceId of traceIds) {
    const spans = traces.get(traceId) ?? []
    const callers = spans.filter(isCaller)
    // What a half-open breaker refused was sent again.
    expect(callers.filter(isAnswered), traceId).toHaveLength(1)
    for (const span of callers) expect(parentOf(span, spans), traceId).toBe('gateway: put /v1/videos/{id}/like')
    const served = spans.filter(isServed)
    expect(served.length, traceId).toBeGreaterThan(0)
    for (const span of served) expect(parentOf(span, spans), traceId).toMatch(/^(gateway: post|interaction\.sidecar: )/)
  }
  const shared = [...traces.values()].flat().map((span) => Number(span.tags?.['fanone.shared_calls'] ?? 1))
  expect(Math.max(...shared), 'calls in the fullest request').toBeGreaterThan(2)
})

/**
 * Likes a video. Files before may have left a breaker half open, which refuses some: who is refused
 * comes again, in a trace of its own.
 *
 * @returns the trace of the like
 */
async function like(member: Member, id: number): Promise<string> {
  const { traceId, traceparent } = newTrace()
  const headers = { authorization: `Bearer ${member.tokens.accessToken}`, traceparent }
  const answer = await fetch(`${apiUrl}/v1/videos/${id}/like`, { method: 'PUT', headers })
  if (answer.status === 204) return traceId
  expect(answer.status, await answer.text()).toBe(503)
  await setTimeout(100)
  return await like(member, id)
}

const nameOf = (span: Span) => `${senderOf(span)}: ${span.name}`
const parentOf = (span: Span | undefined, spans: Span[]) => {
  const parent = spans.find(({ id }) => id === span?.parentId)
  return parent && nameOf(parent)
}
const isServed = (span: Span) => span.kind === 'SERVER' && nameOf(span) === 'interaction: post /internal/likes.like'
const isCaller = (span: Span) => span.kind === 'CLIENT' && span.tags?.['url.path'] === call
const isAnswered = (span: Span) => span.tags?.['http.response.status_code'] === '200'
/** Spans arrive late, also those that others have for parents. */
const isWhole = (spans: Span[]) =>
  spans.some(isServed) &&
  spans.some((span) => isCaller(span) && isAnswered(span)) &&
  spans.filter((span) => isServed(span) || isCaller(span)).every((span) => parentOf(span, spans))
