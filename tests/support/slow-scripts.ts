import { existsSync, readFileSync, statSync } from 'node:fs'
import { readSettings, stackPaths } from '../../scripts/stack/settings.ts'

/** What a script may take of Redis's one thread. */
export const SCRIPT_LIMIT_MS = 5

/** Where the log of Redis ended when the tests began. */
let startBytes = 0

const logFile = () => stackPaths(readSettings()).log('redis')

/** Leaves out what Redis has told before. */
export function watchScripts(): void {
  startBytes = existsSync(logFile()) ? statSync(logFile()).size : 0
}

/**
 * Whether a script took Redis too long, by its CPU (`REDIS_SCRIPT_LIMIT_MS`). Once may be a moment
 * in which the machine itself was slow; a script that can take that long does so again.
 *
 * @throws Error naming the scripts
 */
export function judgeScripts(): void {
  const times = Map.groupBy(slowScripts(), ({ name }) => name)
  for (const [name, calls] of times) {
    const told = `script ${name} took ${calls.map(({ ms }) => ms).join(', ')} ms of Redis's CPU`
    if (calls.length > 1) throw new Error(`${told}; no script may take more than ${SCRIPT_LIMIT_MS} ms`)
    console.warn(told)
  }
}

function slowScripts(): { name: string; ms: number }[] {
  if (!existsSync(logFile())) return []
  const told = readFileSync(logFile()).subarray(startBytes).toString('latin1')
  const found = told.matchAll(/script (\S+) took ([\d.]+) ms of CPU/g)
  return [...found].map(([, name = '', ms]) => ({ name, ms: Number(ms) }))
}
