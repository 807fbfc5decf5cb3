import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Part } from './part.ts'

/** Identifies a process even if its pid is used again. */
export interface ProcessRecord {
  readonly part: string
  /** A command of ours (the supervisor, a set-up) or a part of the stack. */
  readonly kind: 'command' | Part['kind']
  readonly pid: number
  /** Clock ticks after boot, from /proc/<pid>/stat. */
  readonly startTime: string
}

/** When a process was started; undefined if it does not exist or is a zombie. */
export function processStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name is in brackets and may hold spaces and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

/** True while the very process of the record runs; a reused pid does not count. */
export function isRunning(record: ProcessRecord): boolean {
  return processStartTime(record.pid) === record.startTime
}

/** Records a running process. Returns undefined when it is gone already. */
export function recordOf(
  { name, kind }: Pick<Part, 'name'> & Pick<ProcessRecord, 'kind'>,
  pid: number,
): ProcessRecord | undefined {
  const startTime = processStartTime(pid)
  return startTime === undefined ? undefined : { part: name, kind, pid, startTime }
}

export function readRecords(file: string): ProcessRecord[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord[]
  } catch {
    return []
  }
}

/** Written elsewhere and renamed, so that nobody reads half a file. */
export function writeRecords(file: string, records: readonly ProcessRecord[]): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(records, null, 2)}\n`)
  renameSync(`${file}.new`, file)
}

/** Signals the process group the pid leads; false when it is gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal)
    return true
  } catch {
    return false
  }
}

/**
 * Ends processes by SIGTERM, and by SIGKILL (whole process group) what still runs after `graceMs`.
 * Only processes that are still the recorded ones are touched.
 */
export async function endProcesses(records: readonly ProcessRecord[], graceMs: number): Promise<void> {
  const alive = records.filter(isRunning)
  for (const { pid } of alive) {
    try {
      process.kill(pid, 'SIGTERM')
    } catch {
      // ended between the check and the signal
    }
  }
  const deadline = Date.now() + graceMs
  while (alive.some(isRunning) && Date.now() < deadline) await sleep(50)
  for (const record of alive.filter(isRunning)) signalGroup(record.pid, 'SIGKILL')
  while (alive.some(isRunning)) await sleep(20)
}

/** What depends on another ends before it. */
const stages = [
  { kind: 'command', graceMs: 1_000 },
  { kind: 'app', graceMs: 15_000 },
  { kind: 'sidecar', graceMs: 10_000 },
  { kind: 'infra', graceMs: 20_000 },
] as const satisfies { kind: ProcessRecord['kind']; graceMs: number }[]

/** Ends processes by their kind: the supervisor, services, sidecars, then the infrastructure. */
export async function endInStages(records: readonly ProcessRecord[]): Promise<void> {
  for (const { kind, graceMs } of stages)
    await endProcesses(
      records.filter((record) => record.kind === kind),
      graceMs,
    )
}
