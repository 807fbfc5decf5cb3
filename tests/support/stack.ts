import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import { ask } from '../../scripts/stack/control.ts'
import { readSettings, stackPaths } from '../../scripts/stack/settings.ts'
import type { PartStatus } from '../../scripts/stack/supervised.ts'

/** The checkout. */
export const root = resolve(import.meta.dirname, '../..')

/** The stack the tests run on; set by global-setup.ts for every worker. */
export const home = resolve(root, process.env.FANONE_HOME ?? '.fanone-test')
export const portBase = Number(process.env.FANONE_PORT_BASE)

/** A port as this stack uses it, from the port that dapr.yaml and the docs name. */
export const port = (written: number) => written + portBase - 7000

export const apiUrl = `http://127.0.0.1:${port(8080)}`
export const zipkinUrl = `http://127.0.0.1:${port(7005)}`

/** Runs a command (`npm run <command>`) against the test stack. */
export function cli(...args: string[]) {
  return execa(join(root, 'node_modules/.bin/node'), [join(root, 'scripts/cli.ts'), ...args], {
    cwd: root,
    reject: false,
    all: true,
  })
}

/** What `npm run status` would say; asked for without starting a program each time. */
export async function parts(): Promise<readonly PartStatus[]> {
  const reply = await ask(stackPaths({ ...readSettings(), home }).socket, { command: 'status' })
  return reply?.parts ?? []
}

export async function part(name: string): Promise<PartStatus> {
  const found = (await parts()).find((one) => one.part === name)
  if (!found) throw new Error(`there is no part ${name}`)
  return found
}

/**
 * Kills a part with SIGKILL. Resolves when the supervisor has noticed, so that `healthy` means the
 * new process.
 *
 * @returns the former pid
 */
export async function kill9(name: string): Promise<number> {
  const { pid } = await part(name)
  if (!pid) throw new Error(`${name} is not running`)
  killIfAlive(pid)
  await eventually(async () => (await part(name)).pid !== pid, { intervalMs: 20, what: `${name} is dead` })
  return pid
}

/** The supervisor may not have noticed yet that it is dead. */
export function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Waits until every part (or the named one) is healthy, after a kill under another pid. */
export async function healthy(name?: string, options: { not?: number; timeoutMs?: number } = {}): Promise<void> {
  await eventually(
    async () => {
      const relevant = (await parts()).filter((one) => name === undefined || one.part === name)
      return relevant.length > 0 && relevant.every((one) => one.state === 'healthy' && one.pid !== options.not)
    },
    { timeoutMs: options.timeoutMs ?? 120_000, what: `${name ?? 'every part'} healthy` },
  )
}

/** Bounds of the pause between two polls. */
const shortestPauseMs = 20
const longestPauseMs = 1_000

/**
 * Polls a condition until it holds; an error counts as false. On timeout reports the last error or
 * `what`. Pauses as long as a poll takes: cheap conditions are noticed at once, expensive ones take
 * half a core at most.
 */
export async function eventually<Value>(
  condition: () => Promise<Value> | Value,
  options: { timeoutMs?: number; intervalMs?: number; what?: string } = {},
): Promise<Exclude<Value, false | undefined | null>> {
  const giveUpAt = Date.now() + (options.timeoutMs ?? 30_000)
  let lastError: unknown
  while (true) {
    const startedAt = performance.now()
    try {
      const value = await condition()
      if (value !== false && value !== undefined && value !== null)
        return value as Exclude<Value, false | undefined | null>
    } catch (error) {
      lastError = error
    }
    if (Date.now() > giveUpAt) throw lastError ?? new Error(`did not happen in time: ${options.what ?? condition}`)
    const tookMs = performance.now() - startedAt
    await delay(options.intervalMs ?? Math.min(longestPauseMs, Math.max(shortestPauseMs, tookMs)))
  }
}

/** The secrets of the test stack, for tests that go around the public API on purpose. */
export async function secrets(): Promise<Record<string, string>> {
  return JSON.parse(await readFile(join(home, 'secrets/secrets.json'), 'utf8')) as Record<string, string>
}

/** Text of a service's metrics, straight from its app port. */
export async function metrics(appPort: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port(appPort)}/metrics`)).text()
}

/** Sums the samples of a metric whose labels match. */
export function sumMetric(text: string, name: string, labels: Record<string, string> = {}): number {
  return (
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
      // Behind the value there may be an exemplar.
      .map((line) => line.replace(/ # \{.*$/, ''))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  )
}
