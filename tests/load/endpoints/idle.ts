import { setTimeout as delay } from 'node:timers/promises'
import { type CpuMs, cpuBetween, readCpu, sumOf } from '../cpu.ts'
import { median } from '../rounds.ts'
import { awaitRest } from './rest.ts'

const WINDOW_MS = 5_000
const CHANGES_OF_A_WINDOW = 12

/** What the stack uses while nobody uses it, in ms a second by process. */
export async function measureIdle(pids: Record<string, number>, seconds: number): Promise<CpuMs> {
  await awaitRest()
  const before = readCpu(pids)
  await delay(seconds * 1_000)
  const used = cpuBetween(before, readCpu(pids))
  return Object.fromEntries(Object.entries(used).map(([name, ms]) => [name, ms / seconds]))
}

/**
 * What one change costs where nothing else happens: windows with some changes, one at a time and
 * far apart, in turns with windows without.
 *
 * @returns CPU of all processes above that of the idle stack, in ms for each change
 */
export async function measureSingle(
  pids: Record<string, number>,
  { windows, change }: { windows: number; change: () => Promise<unknown> },
): Promise<number> {
  const costs: number[] = []
  for (let window = 0; window < windows; window++) {
    const idle = await used(pids, async () => {})
    const changing = await used(pids, change)
    costs.push((changing - idle) / CHANGES_OF_A_WINDOW)
  }
  return median(costs)
}

/** Of all processes in one window. */
async function used(pids: Record<string, number>, change: () => Promise<unknown>): Promise<number> {
  await awaitRest()
  const [startedAt, before] = [performance.now(), readCpu(pids)]
  for (let turn = 0; turn < CHANGES_OF_A_WINDOW; turn++) {
    await change()
    await delay(startedAt + ((turn + 1) * WINDOW_MS) / CHANGES_OF_A_WINDOW - performance.now())
  }
  return sumOf(cpuBetween(before, readCpu(pids)))
}
