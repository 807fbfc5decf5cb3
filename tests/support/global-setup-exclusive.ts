import { resolve } from 'node:path'
import { freePortBase } from '../../scripts/stack/port-check.ts'
import { readSettings } from '../../scripts/stack/settings.ts'
import { judgeScripts, scriptsSince } from './slow-scripts.ts'
import type { TestStack } from './stacks.ts'
import { stackCommand, startTestStack, teardown as teardownFirst } from './test-stack.ts'

const stacks: TestStack[] = []
let starting: Promise<unknown> = Promise.resolve()

/**
 * As many stacks as EXCLUSIVE_STACKS says, since recovering is mostly waiting. The second starts
 * while the first is already at work.
 */
export async function setup(): Promise<void> {
  await startTestStack('start', '--no-demo', '--no-monitoring')
  const { home, portBase } = readSettings()
  stacks.push({ home, portBase })
  if (process.env.EXCLUSIVE_STACKS === '2') {
    const second = { home: resolve(`${home}-2`), portBase: await freePortBase(readSettings()) }
    stacks.push(second)
    starting = startSecond(second)
  }
  process.env.TEST_STACKS = JSON.stringify(stacks)
}

export async function teardown(): Promise<void> {
  await starting
  const [, second] = stacks
  if (second) {
    await stackCommand(envOf(second), 'stop')
    judgeScripts(scriptsSince(0, second.home))
  }
  await teardownFirst()
}

async function startSecond(stack: TestStack): Promise<void> {
  await stackCommand(envOf(stack), 'reset', '--yes')
  const { exitCode } = await stackCommand(envOf(stack), 'start', '--no-demo', '--no-monitoring')
  if (exitCode !== 0) console.error('the second stack could not be started (see above): its worker will wait in vain')
}

const envOf = ({ home, portBase }: TestStack) => ({ FANONE_HOME: home, FANONE_PORT_BASE: String(portBase) })
