import { ask } from '../../scripts/stack/control.ts'
import { readSettings, stackPaths } from '../../scripts/stack/settings.ts'
import { startTestStack, stopTestStack } from './test-stack.ts'

export { teardown } from './test-stack.ts'

/**
 * Toxiproxy stands before the servers and Prometheus watches. Other tests want neither, so the
 * stack restarts with them.
 */
export async function setup(): Promise<void> {
  process.env.FANONE_HOME ??= '.fanone-test'
  process.env.FANONE_TOXIPROXY = '1'
  const running = (await ask(stackPaths(readSettings()).socket, { command: 'status' }))?.parts ?? []
  if (running.length > 0 && !running.some(({ part }) => part === 'toxiproxy')) await stopTestStack()
  await startTestStack('start', '--no-demo')
}
