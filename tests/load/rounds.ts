import type { LoadJob, LoadResult } from './closed-loop.ts'
import { type CpuMs, cpuBetween, readCpu } from './cpu.ts'
import type { LoadClient, Plan } from './helpers.ts'

/** One thing to measure. */
export interface Variant {
  name: string
  /** Made anew for each run where what is to be done differs each time. */
  plan: Plan | (() => Plan)
  /** The processes whose CPU time answers are charged with, by the name of their column. */
  pids: Record<string, number>
  /** Instead of what is usual in this measurement. */
  until?: LoadJob['until']
  /** Brought about before each run, and not charged. */
  prepare?(): Promise<unknown>
  /** Awaited after each run: work that is left over after the last answer is charged too. */
  settle?(result: LoadResult): Promise<unknown>
}

export interface Figures extends LoadResult {
  /** CPU ms per correct answer of each process. */
  cpuMs: CpuMs
  /** All of it. */
  totalCpuMs: number
  /** The same of the round where it was least: what else the machine does can only add to it. */
  leastCpuMs: number
  answersPerSecond: number
  /**
   * Share of one core that the load generator used; near 1 it is the generator that was measured.
   */
  clientCores: number
}

export interface MeasureOptions {
  client: LoadClient
  rounds: number
  /** How long each variant is measured in each round. */
  until: LoadJob['until']
  connections: number
  /**
   * Sent before anything is measured: code has to be compiled, and how long that takes depends on
   * calls, not on time.
   */
  warmUpAnswers?: number
}

/**
 * Measures variants in interleaved rounds (A B C, A B C, …), so that whatever else the machine does
 * meets all of them.
 *
 * @returns of each variant the medians over the rounds; counts are sums
 */
export async function measure(variants: Variant[], options: MeasureOptions): Promise<Map<string, Figures>> {
  const { rounds, warmUpAnswers = 2_000 } = options
  const results = new Map<string, Figures[]>(variants.map(({ name }) => [name, []]))
  if (warmUpAnswers > 0)
    for (const variant of variants) await measureOnce(variant, { ...options, until: { answers: warmUpAnswers } })
  for (let round = 0; round < rounds; round++) {
    for (const variant of variants) results.get(variant.name)?.push(await measureOnce(variant, options))
  }
  return new Map([...results].map(([name, figures]) => [name, summarize(figures)]))
}

async function measureOnce(variant: Variant, { client, connections, ...options }: MeasureOptions): Promise<Figures> {
  const { plan, pids, until = options.until, prepare, settle } = variant
  await prepare?.()
  const planned = typeof plan === 'function' ? plan() : plan
  const all = { ...pids, client: client.pid }
  const before = readCpu(all)
  const result = await client.run({ ...planned, until, connections })
  await settle?.(result)
  const { client: clientMs = 0, ...used } = cpuBetween(before, readCpu(all))
  const cpuMs = Object.fromEntries(Object.entries(used).map(([name, ms]) => [name, ms / result.correct]))
  const totalCpuMs = Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0)
  return {
    ...result,
    cpuMs,
    totalCpuMs,
    leastCpuMs: totalCpuMs,
    answersPerSecond: result.correct / result.seconds,
    clientCores: clientMs / 1_000 / result.seconds,
  }
}

function summarize(rounds: Figures[]): Figures {
  const medianOf = (read: (figures: Figures) => number) => median(rounds.map(read))
  const total = (read: (figures: Figures) => number) => rounds.reduce((sum, figures) => sum + read(figures), 0)
  const names = Object.keys(rounds[0]?.cpuMs ?? {})
  return {
    correct: total(({ correct }) => correct),
    limited: total(({ limited }) => limited),
    shed: total(({ shed }) => shed),
    wrong: total(({ wrong }) => wrong),
    failed: total(({ failed }) => failed),
    seconds: total(({ seconds }) => seconds),
    p50Ms: medianOf(({ p50Ms }) => p50Ms),
    p99Ms: medianOf(({ p99Ms }) => p99Ms),
    cpuMs: Object.fromEntries(names.map((name) => [name, medianOf(({ cpuMs }) => cpuMs[name] ?? 0)])),
    totalCpuMs: medianOf(({ totalCpuMs }) => totalCpuMs),
    leastCpuMs: Math.min(...rounds.map(({ leastCpuMs }) => leastCpuMs)),
    answersPerSecond: medianOf(({ answersPerSecond }) => answersPerSecond),
    clientCores: medianOf(({ clientCores }) => clientCores),
  }
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2
}
