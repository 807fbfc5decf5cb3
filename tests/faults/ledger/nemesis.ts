import { setTimeout as delay } from 'node:timers/promises'
import type { Recovery } from '../../../scripts/docs/fault-report.ts'
import { healthy } from '../../support/stack.ts'
import type { Fault } from './fault-list.ts'
import type { Random } from './random.ts'

const longestPauseMs = 400

/** Each fault `rounds` times, in an order that the seed decides. */
export function planOf(faults: Fault[], rounds: number, random: Random): Fault[] {
  return random.shuffle(faults.flatMap((fault) => Array.from({ length: rounds }, () => fault)))
}

/**
 * Applies the faults one after the other, each as soon as the one before is over and a moment of the seed's choosing has passed.
 *
 * @param again.acknowledged resolves when writes are acknowledged again, `shown` when what it wrote shows
 */
export async function runNemesis(
  plan: Fault[],
  random: Random,
  again: { acknowledged(): Promise<void>; shown(): Promise<void> },
): Promise<Recovery[]> {
  const recoveries: Recovery[] = []
  for (const fault of plan) {
    await delay(random.below(longestPauseMs))
    const startedAt = await apply(fault)
    const sinceStart = () => Math.round(performance.now() - startedAt)
    await again.acknowledged()
    const writesMs = sinceStart()
    await Promise.all([again.shown(), healthy()])
    recoveries.push({ fault: fault.name, writesMs, allMs: sinceStart() })
  }
  return recoveries
}

/** Injects a fault and ends it when its time is over. @returns when it was over (`performance.now()`): for a kill, the kill */
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
