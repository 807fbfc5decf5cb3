import type { Violation } from './checker.ts'
import type { Client } from './client.ts'
import type { Message } from './kafka.ts'
import type { Operation } from './ledger.ts'
import type { Random } from './random.ts'

/** What a workload is checked against when the system rests. */
export interface Evidence {
  operations: Operation[]
  /** What came to the topics since the run began. */
  messages: Message[]
}

/** Work that goes on during faults. Add one as a file in `workloads/`. */
export interface Workload {
  name: string
  /** Creates the users and objects it needs. */
  start(setting: { random: Random; runName: string }): Promise<RunningWorkload>
}

export interface RunningWorkload {
  /** How many clients do it at the same time. */
  clients: number
  /** One piece of work of one client; what fails is in the ledger and no error. */
  step(client: Client): Promise<void>
  /** Resolves when a write is acknowledged. */
  probe?(client: Client): Promise<void>
  /** Resolves when what the last `probe` wrote shows wherever it is to show. */
  probeShown?(): Promise<void>
  check(evidence: Evidence): Promise<Violation[]>
}
