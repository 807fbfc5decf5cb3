import { Problem } from '@fanone/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Member, newMember, publish } from '../support/community.ts'
import { keepDown, sidecarMetrics } from '../support/faults.ts'
import { apiUrl, eventually, healthy, sumMetric } from '../support/stack.ts'

const gatewaySidecarMetricsPort = 7600

let member: Member
let videoId: number

beforeAll(async () => {
  member = await newMember()
  videoId = (await publish(member)).id
  await eventually(async () =>
    (await get('/v1/feeds/newest')).body.items.some((item: { id: number }) => item.id === videoId),
  )
})

afterAll(() => healthy())

test('while user is away, what needs it is 503 at once, the rest goes on, and it recovers by itself', async () => {
  const letUserComeBack = await keepDown('user')

  const first = await getUser()
  expectUnavailable(first)
  // Each call is retried several times, so the breaker opens within a few calls.
  await eventually(async () => {
    expectUnavailable(await getUser())
    return (await breakerState()) === 'open'
  })

  const whileOpen = await Promise.all(Array.from({ length: 10 }, getUser))
  for (const answer of whileOpen) expectUnavailable(answer)
  const slowest = Math.max(...whileOpen.map(({ ms }) => ms))
  expect(slowest, 'all ten together against the first, which was tried in vain').toBeLessThan(first.ms / 2)

  const others = ['/v1/feeds/newest?limit=5', `/v1/videos/${videoId}`, `/v1/users/${member.user.id}/videos`]
  for (const path of others) expect((await get(path)).status, path).toBe(200)

  await letUserComeBack()
  await healthy('user')
  // A few calls are let through to try, then it is closed for all.
  await eventually(async () => (await getUser()).status === 200 && (await breakerState()) === 'closed', {
    timeoutMs: 30_000,
  })
})

test('a user whose sidecar is gone too is the same to callers: 503, and recovery by itself', async () => {
  const releases = await Promise.all([keepDown('user'), keepDown('user.sidecar')])
  for (let call = 0; call < 3; call++) expectUnavailable(await getUser())
  for (const letComeBack of releases) await letComeBack()
  await eventually(async () => (await getUser()).status === 200, { timeoutMs: 40_000 })
})

interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the API answers
  body: any
  headers: Headers
  ms: number
}

async function get(path: string): Promise<Answer> {
  const startedAt = performance.now()
  const response = await fetch(apiUrl + path, {
    headers: { authorization: `Bearer ${member.tokens.accessToken}` },
  })
  const body = await response.json()
  return { status: response.status, body, headers: response.headers, ms: performance.now() - startedAt }
}

const getUser = () => get(`/v1/users/${member.user.id}`)

function expectUnavailable(answer: Answer): void {
  expect(answer.status, JSON.stringify(answer.body)).toBe(503)
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(Problem.parse(answer.body)).toMatchObject({ code: 'unavailable', status: 503 })
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
}

/** What the gateway's sidecar says of its breaker towards user. */
async function breakerState(): Promise<string | undefined> {
  const text = await sidecarMetrics(gatewaySidecarMetricsPort)
  return ['open', 'half-open', 'closed'].find(
    (status) => sumMetric(text, 'dapr_resiliency_cb_state', { target: 'app_user', status }) > 0,
  )
}
