import { join } from 'node:path'
import { home } from '../../support/stack.ts'
import type { Violation } from './checker.ts'
import { type Client, newClient } from './client.ts'
import { endOfTopics, readTopics } from './kafka.ts'
import { Ledger, type Operation, readLedger } from './ledger.ts'
import { awaitQuiescence } from './quiescence.ts'
import { type Random, seededRandom } from './random.ts'
import type { RunningWorkload, Workload } from './workload.ts'

/** What happens to the system while the clients work. */
export interface Surroundings {
  random: Random
  /** Resolves when writes of every workload are acknowledged again. */
  acknowledged(): Promise<void>
  /** Resolves when what `acknowledged` wrote shows. */
  shown(): Promise<void>
}

export interface RunResult<Observed> {
  seed: number
  operations: Operation[]
  violations: Violation[]
  observed: Observed
  /** From the end of the work until nothing was under way any more. */
  quiescentAfterMs: number
  ledgerFile: string
}

/**
 * Runs the clients of all workloads while `during` happens, waits until the system rests, and
 * checks.
 *
 * @param options.seed decides what the clients do and which faults happen when; repeats a run
 */
export async function runWorkloads<Observed>(options: {
  name: string
  workloads: Workload[]
  seed: number
  during: (surroundings: Surroundings) => Promise<Observed>
}): Promise<RunResult<Observed>> {
  const { name, workloads, seed, during } = options
  const random = seededRandom(seed)
  const runName = `${name}-${Date.now().toString(36)}`
  const ledger = new Ledger(join(home, 'ledger', `${runName}.jsonl`))
  const from = await endOfTopics()
  const running: RunningWorkload[] = []
  for (const workload of workloads) running.push(await workload.start({ random: random.fork(), runName }))
  const prober = newClient(-1, random.fork(), ledger)
  const surroundings: Surroundings = {
    random: random.fork(),
    acknowledged: async () => void (await Promise.all(running.map((one) => one.probe?.(prober)))),
    shown: async () => void (await Promise.all(running.map((one) => one.probeShown?.()))),
  }
  // Before anything breaks, everything works.
  await surroundings.acknowledged()
  await surroundings.shown()
  const stopClients = startClients(running, random, ledger)
  let observed: Observed
  try {
    observed = await during(surroundings)
  } finally {
    await stopClients()
  }
  const quiescentAfterMs = await awaitQuiescence()
  const evidence = { operations: readLedger(ledger.file), messages: await readTopics(from) }
  const violations: Violation[] = []
  for (const one of running) violations.push(...(await one.check(evidence)))
  return { seed, operations: evidence.operations, violations, observed, quiescentAfterMs, ledgerFile: ledger.file }
}

/** @returns what stops them, after what each is doing */
function startClients(workloads: RunningWorkload[], random: Random, ledger: Ledger): () => Promise<void> {
  let isRunning = true
  const loop = async (workload: RunningWorkload, client: Client) => {
    while (isRunning) await workload.step(client)
  }
  const loops = workloads.flatMap((workload) =>
    Array.from({ length: workload.clients }, (_, index) => loop(workload, newClient(index, random.fork(), ledger))),
  )
  return async () => {
    isRunning = false
    await Promise.all(loops)
  }
}
