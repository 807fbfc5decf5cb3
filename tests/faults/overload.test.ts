import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HttpRequest, httpLoad, percentile, runOpenLoop } from '../load/open-loop.ts'
import { type Member, newMember, publish } from '../support/community.ts'
import { isFull, scaled } from '../support/sampling.ts'
import { apiUrl, eventually, healthy, metrics, parts, port, sumMetric } from '../support/stack.ts'

/** R26 asks for five times what the system can do. */
const times = 5
const overloadMs = scaled({ quick: 6_000, full: 60_000 })
const calibrationMs = 3_000
/**
 * R26 asks for 0.8 of the peak. Here the load generator shares the cores with the system it
 * overloads, and other work may take most of the rest; the quick round only distinguishes shedding
 * from collapse.
 */
/** Where others keep the processor, even a refusal may come after the client has left. */
const bearable = ['429', '503', '504', ...(isFull ? [] : ['timeout'])]
const backToNormalMs = 10_000

const load = httpLoad({ origin: apiUrl, timeoutMs: 15_000 })
let members: Member[]
beforeAll(async () => {
  members = await Promise.all(Array.from({ length: 6 }, () => newMember('crowd')))
  await publish(members[0] as Member)
  await eventually(async () => (await load.send(feedRequest(0))) === '200', { what: 'the feed shows the video' })
})
afterAll(async () => {
  await load.close()
  await healthy()
})

const memberOf = (index: number) => members[index % members.length] as Member
const authorization = ({ tokens }: Member) => ({ authorization: `Bearer ${tokens.accessToken}` })

const feedRequest = (index: number): HttpRequest => ({
  path: '/v1/feeds/newest?limit=20',
  headers: authorization(memberOf(index)),
  isRight: (body) => JSON.parse(body).items.length > 0,
})
const logInRequest = (index: number): HttpRequest => {
  const { user, password } = memberOf(index)
  const body = JSON.stringify({ username: user.username, password })
  return { method: 'POST', path: '/v1/sessions', headers: { 'content-type': 'application/json' }, body }
}

describe('R26: five times as many requests as there is room for', () => {
  test.for([
    { what: 'the feed', request: feedRequest, good: '200', concurrency: 32, quickShare: 0.4 },
    { what: 'log-in', request: logInRequest, good: '201', concurrency: 4, quickShare: 0.1 },
  ])(
    'of $what: what is too much is refused with a time to come back, the rest is answered, nothing breaks',
    { timeout: 60_000 + 2 * overloadMs },
    async ({ request, good, concurrency, quickShare }) => {
      const pidsBefore = await pids()
      const shedBefore = await shed()
      const peak = await peakPerSecond(request, good, concurrency)
      const probing = probeHealth()
      const result = await runOpenLoop({
        ratePerSecond: Math.ceil(peak * times),
        durationMs: overloadMs,
        send: (index) => load.send(request(index)),
      })
      const health = await probing.stop()
      const startedAt = performance.now()
      await eventually(async () => (await load.send(request(0))) === good, { timeoutMs: 60_000, intervalMs: 20 })
      const normalAfterMs = performance.now() - startedAt
      const p99 = Math.round(percentile(result.latenciesMs.get(good) ?? [], 0.99))
      const told = `peak ${Math.round(peak)}/s, ${JSON.stringify(result.tally())} in ${overloadMs} ms, p99 of the good ${p99} ms`
      console.log(told)

      const refused = result.count('429') + result.count('503')
      expect(refused, told).toBeGreaterThan(0)
      expect(
        Object.keys(result.tally()).filter((outcome) => ![good, ...bearable].includes(outcome)),
        told,
      ).toEqual([])
      expect(result.perSecond(good), told).toBeGreaterThan(peak * (isFull ? 0.8 : quickShare))
      expect(normalAfterMs, 'ms until it is as before').toBeLessThan(backToNormalMs)
      expect(await pids(), 'nobody was restarted').toEqual(pidsBefore)
      expect(health.refused, `of ${health.asked} looks at the health of the gateway`).toBe(0)
      if (good === '200') expect(await shed(), 'counted').toBeGreaterThan(shedBefore)
    },
  )
})

test('of 32 who log in and come again at once after a refusal no fewer get through than of four who wait', async () => {
  const few = await peakPerSecond(logInRequest, '201', 4)
  const many = await peakPerSecond(logInRequest, '201', 32)
  // It was a sixth: each refusal cost two sidecars, MySQL and Redis.
  expect(many, `${few.toFixed(1)} log-ins a second of four`).toBeGreaterThan(few / 2)
})

test('one who changes their profile a hundredfold at once is told to slow down, and others go on changing theirs', async () => {
  // Those who logged in above have lost the sessions they began with: a user keeps 100.
  const editors = await Promise.all(Array.from({ length: 6 }, () => newMember('editor')))
  const [hostile, ...others] = editors as [Member, ...Member[]]
  const edit = (member: Member, signature: string) =>
    load.send({
      method: 'PATCH',
      path: '/v1/users/me',
      headers: { ...authorization(member), 'content-type': 'application/json' },
      body: JSON.stringify({ signature }),
    })
  const outcomes = { hostile: new Map<string, number>(), others: new Map<string, number>() }
  const note = (whose: keyof typeof outcomes, outcome: string) =>
    outcomes[whose].set(outcome, (outcomes[whose].get(outcome) ?? 0) + 1)
  let isHostile = true
  const attacking = (async () => {
    for (let wave = 0; isHostile; wave++) {
      const edits = Array.from({ length: 125 }, (_, index) => edit(hostile, `wave ${wave}, ${index}`))
      for (const outcome of await Promise.all(edits)) note('hostile', outcome)
    }
  })()
  await Promise.all(
    others.map(async (member) => {
      for (let round = 0; round < 10; round++) note('others', await edit(member, `edit ${round}`))
    }),
  )
  isHostile = false
  await attacking
  // Without the cap it was 30 %: the breaker of the operation was open for all.
  const told = JSON.stringify({ hostile: [...outcomes.hostile], others: [...outcomes.others] })
  expect(outcomes.others.get('200'), told).toBeGreaterThanOrEqual(8 * others.length)
  expect(outcomes.hostile.get('429')).toBeGreaterThan(0)
  expect(outcomes.hostile.get('200')).toBeGreaterThan(0)
})

/** Good answers per second of a closed loop, which never asks for more than the system can do. */
async function peakPerSecond(request: (index: number) => HttpRequest, good: string, concurrency: number) {
  let answered = 0
  const until = performance.now() + calibrationMs
  const client = async (index: number) => {
    while (performance.now() < until) if ((await load.send(request(index))) === good) answered++
  }
  await Promise.all(Array.from({ length: concurrency }, (_, index) => client(index)))
  return (answered * 1_000) / calibrationMs
}

/** Looks at the gateway's health twice a second, as its sidecar does. */
function probeHealth() {
  let asked = 0
  let refused = 0
  const looks: Promise<void>[] = []
  const timer = setInterval(() => {
    asked++
    const look = fetch(`http://127.0.0.1:${port(7100)}/healthz`).then(
      (response) => void (response.ok || refused++),
      () => void refused++,
    )
    looks.push(look)
  }, 500)
  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(looks)
      return { asked, refused }
    },
  }
}

const shed = async () => sumMetric(await metrics(7100), 'fanone_shed_requests_total')
const pids = async () => (await parts()).map(({ part, pid }) => `${part} ${pid}`)
