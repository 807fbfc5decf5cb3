import { join } from 'node:path'
import { reset } from '../commands/reset.ts'
import { stopStack } from '../commands/stop.ts'
import { freePortBase } from '../stack/port-check.ts'
import type { Settings } from '../stack/settings.ts'

/** The stack that all projects of a run share; each starts the parts it needs. */
export interface StackOfTests {
  /** Tells Vitest's set-up where it is, and to leave it running. */
  env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/**
 * A new stack with an empty home. With FANONE_KEEP_STACK and FANONE_PORT_BASE, a running one is
 * used and kept.
 */
export async function stackOfTests(settings: Settings): Promise<StackOfTests> {
  if (process.env.FANONE_KEEP_STACK) return { env: {}, stop: async () => {} }
  const home = process.env.FANONE_HOME ? settings.home : join(settings.root, '.fanone-test')
  await reset({ ...settings, home }, ['--yes'])
  const portBase = process.env.FANONE_PORT_BASE ? settings.portBase : await freePortBase(settings)
  return {
    env: { FANONE_HOME: home, FANONE_PORT_BASE: String(portBase), FANONE_KEEP_STACK: '1' },
    stop: async () => void (await stopStack({ ...settings, home })),
  }
}
