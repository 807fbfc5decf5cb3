import { setTimeout as delay } from 'node:timers/promises'
import type { Recovery } from '../../../scripts/docs/fault-report.ts'
import { isFull } from '../../support/sampling.ts'
import { healthy } from '../../support/stack.ts'
import type { Fault } from './fault-list.ts'
import type { Random } from './random.ts'

const longestPauseMs = 400
const patienceMs = 120_000

/** Faults that happen at the same time, to different targets. */
export type Step = Fault[]

/** Each fault `rounds` times, in an order that the seed decides. */
export function planOf(faults: Fault[], rounds: number, random: Random): Fault[] {
  return random.shuffle(faults.flatMap((fault) => Array.from({ length: rounds }, () => fault)))
}

/** Groups faults into steps of at most `size`, none with the same target twice, nearly in order. */
export function stepsOf(plan: Fault[], size: number): Step[] {
  const steps: Step[] = []
  for (const fault of plan) {
    const isFree = (step: Step) => step.length < size && step.every(({ target }) => target !== fault.target)
    const step = steps.find(isFree)
    if (step) step.push(fault)
    else steps.push([fault])
  }
  return steps
}

/**
 * Applies one step after the other, each a random moment (from the seed) after the previous is
 * over.
 *
 * @param again.acknowledged resolves when writes are acknowledged again, `shown` when such a write
 *   is visible
 */
export async function runNemesis(
  steps: Step[],
  random: Random,
  again: { acknowledged(): Promise<void>; shown(): Promise<void> },
): Promise<Recovery[]> {
  const recoveries: Recovery[] = []
  for (const step of steps) {
    await delay(random.below(longestPauseMs))
    const startedAt = Math.max(...(await Promise.all(step.map(apply))))
    const sinceStart = () => Math.round(performance.now() - startedAt)
    await again.acknowledged()
    const writesMs = sinceStart()
    await Promise.all([again.shown(), healthy(undefined, { timeoutMs: patienceMs })])
    const [only, ...others] = step
    const fault = others.length === 0 ? (only?.name ?? '') : `${step.length} faults at once`
    recoveries.push({ fault, writesMs, allMs: sinceStart() })
    if (isFull)
      console.log(`${recoveries.length}/${steps.length} ${step.map(({ name }) => name).join(', ')}: ${sinceStart()} ms`)
  }
  return recoveries
}

/**
 * Injects a fault and ends it when its time is over.
 *
 * @returns when it was over (`performance.now()`): for a kill, the moment of the kill
 */
async function apply(fault: Fault): Promise<number> {
  const injectedAt = performance.now()
  const end = await fault.inject()
  if (fault.lastsMs === 0) {
    await end()
    return injectedAt
  }
  await delay(fault.lastsMs)
  await end()
  return performance.now()
}
