import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api'
import { SamplingDecision } from '@opentelemetry/sdk-trace'
import { expect, test } from 'vitest'
import { RootSampler, TraceBudget } from './unsampled.ts'

/** How many of some traces, evenly spread over a time, are kept. */
function keep(budget: { take(): boolean }, clock: { ms: number }, { traces, ms }: { traces: number; ms: number }) {
  let kept = 0
  for (let index = 0; index < traces; index++) {
    clock.ms += ms / traces
    if (budget.take()) kept++
  }
  return kept
}

function startBudget(options: { perSecond: number; share: number }) {
  const clock = { ms: 5_000 }
  return { clock, budget: new TraceBudget({ ...options, now: () => clock.ms }) }
}

test('up to the rate every trace is kept, at once or spread', () => {
  const { budget, clock } = startBudget({ perSecond: 30, share: 0 })
  expect(keep(budget, clock, { traces: 30, ms: 0 })).toBe(30)
  expect(keep(budget, clock, { traces: 290, ms: 10_000 })).toBe(290)
})

test('beyond the rate none is kept where the share is 0, also after a long silence, and all where it is 1', () => {
  const { budget, clock } = startBudget({ perSecond: 30, share: 0 })
  clock.ms += 3_600_000
  const kept = keep(budget, clock, { traces: 7_000, ms: 10_000 })
  expect(kept).toBeGreaterThanOrEqual(329)
  expect(kept).toBeLessThanOrEqual(330)
  const all = startBudget({ perSecond: 30, share: 1 })
  expect(keep(all.budget, all.clock, { traces: 7_000, ms: 10_000 })).toBe(7_000)
})

test('without a rate a share is kept', () => {
  const { budget, clock } = startBudget({ perSecond: 0, share: 0.5 })
  const kept = keep(budget, clock, { traces: 10_000, ms: 10_000 })
  // Ten standard deviations on either side.
  expect(Math.abs(kept - 5_000)).toBeLessThan(500)
})

test('a request that was let through is not counted a second time', () => {
  const { budget } = startBudget({ perSecond: 1, share: 0 })
  const sampler = new RootSampler(budget)
  const decide = (kind: SpanKind) => sampler.shouldSample(ROOT_CONTEXT, '', '', kind, {}, []).decision
  const kept = SamplingDecision.RECORD_AND_SAMPLED
  expect([decide(SpanKind.SERVER), decide(SpanKind.SERVER)]).toEqual([kept, kept])
  expect([decide(SpanKind.INTERNAL), decide(SpanKind.INTERNAL)]).toEqual([kept, SamplingDecision.NOT_RECORD])
})
