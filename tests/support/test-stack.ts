import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { freePortBase } from '../../scripts/stack/port-check.ts'
import { readSettings } from '../../scripts/stack/settings.ts'
import { endOfScriptLog, judgeScripts, SCRIPT_LIMIT_MS, scriptsSince } from './slow-scripts.ts'

const root = resolve(import.meta.dirname, '../..')
const node = join(root, 'node_modules/.bin/node')

/** Where the log of Redis ended when the tests began. */
let scriptLogStart = 0

/**
 * Starts a new stack for the tests, with separate data and ports. The services are the real ones;
 * only the rate limits are raised, because all test users share one address, spans sent sooner, and
 * renditions made of no video that can do without: thousands of clips would take both cores.
 * With FANONE_KEEP_STACK and FANONE_PORT_BASE the stack stays for the next tests: `npm test` does
 * so between its steps.
 *
 * @param command the part of the stack that is needed; what already runs is not started again
 */
export async function startTestStack(command: 'start' | 'infra', ...options: string[]): Promise<void> {
  process.env.FANONE_HOME ??= resolve(root, '.fanone-test')
  if (!process.env.FANONE_KEEP_STACK) await stackCommand({}, 'reset', '--yes')
  process.env.FANONE_PORT_BASE ??= String(await freePortBase(readSettings()))
  process.env.RATE_LIMIT_FACTOR ??= '1000'
  process.env.RENDITIONS ??= 'needed'
  process.env.REDIS_SCRIPT_LIMIT_MS ??= String(SCRIPT_LIMIT_MS)
  // Tests of traces wait for spans.
  process.env.OTEL_BSP_SCHEDULE_DELAY ??= '500'
  scriptLogStart = endOfScriptLog()
  const { exitCode } = await stackCommand({}, command, ...options)
  if (exitCode !== 0) throw new Error('the stack for the tests could not be started (see above)')
}

export async function stopTestStack(): Promise<void> {
  await stackCommand({}, 'stop')
}

/**
 * Ends the stack after the tests, unless it is to be kept.
 *
 * @throws Error where a script kept Redis from everybody else for too long
 */
export async function teardown(): Promise<void> {
  if (!process.env.FANONE_KEEP_STACK) await stopTestStack()
  judgeScripts(scriptsSince(scriptLogStart))
}

/** @param env where the stack is, if not where this process says */
export function stackCommand(env: Record<string, string>, ...args: string[]) {
  return execa(node, [join(root, 'scripts/cli.ts'), ...args], { cwd: root, env, stdio: 'inherit', reject: false })
}
