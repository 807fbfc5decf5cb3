import { readFileSync } from 'node:fs'

/** CPU time by process, in ms since each began. */
export type CpuMs = Record<string, number>

/** What Linux counts in: USER_HZ is 100 on every architecture Node runs on. */
const MS_PER_TICK = 10

/**
 * The CPU time (user and system, over all threads) that processes have used.
 *
 * @param pids process ids by any name
 * @throws Error where a process has ended
 */
export function readCpu(pids: Readonly<Record<string, number>>): CpuMs {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuOf(pid)]))
}

/** What was used between two readings. */
export function cpuBetween(before: CpuMs, after: CpuMs): CpuMs {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]))
}

export const sumOf = (cpu: CpuMs, names = Object.keys(cpu)) => names.reduce((sum, name) => sum + (cpu[name] ?? 0), 0)

/**
 * proc(5): fields 14 and 15 of stat. The name of the program, field 2, may hold spaces and
 * parentheses.
 */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
}
