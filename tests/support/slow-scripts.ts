import { existsSync, readFileSync, statSync } from 'node:fs'
import { readSettings, stackPaths } from '../../scripts/stack/settings.ts'

/** What a script may take of Redis's one thread. */
export const SCRIPT_LIMIT_MS = 5

interface SlowScript {
  name: string
  ms: number
}

const logFile = (home: string) => stackPaths({ ...readSettings(), home }).log('redis')

/** How far the log of Redis reaches now, in bytes. */
export function endOfScriptLog(): number {
  const file = logFile(readSettings().home)
  return existsSync(file) ? statSync(file).size : 0
}

/**
 * Whether a script took Redis too long, by its CPU (`REDIS_SCRIPT_LIMIT_MS`). Once may be a moment
 * in which the machine itself was slow; a script that can take that long does so again.
 *
 * @throws Error naming the scripts
 */
export function judgeScripts(scripts: readonly SlowScript[]): void {
  const times = Map.groupBy(scripts, ({ name }) => name)
  for (const [name, calls] of times) {
    const told = `script ${name} took ${calls.map(({ ms }) => ms).join(', ')} ms of Redis's CPU`
    if (calls.length > 1) throw new Error(`${told}; no script may take more than ${SCRIPT_LIMIT_MS} ms`)
    console.warn(told)
  }
}

/** The scripts that Redis has told of since its log had this length. */
export function scriptsSince(startBytes: number, home = readSettings().home): SlowScript[] {
  if (!existsSync(logFile(home))) return []
  const told = readFileSync(logFile(home)).subarray(startBytes).toString('latin1')
  const found = told.matchAll(/script (\S+) took ([\d.]+) ms of CPU/g)
  return [...found].map(([, name = '', ms]) => ({ name, ms: Number(ms) }))
}
