import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { readManifest } from '../../scripts/stack/manifest.ts'
import { checkPorts } from '../../scripts/stack/port-check.ts'
import { readSettings } from '../../scripts/stack/settings.ts'

const root = resolve(import.meta.dirname, '../..')
const wholeStack = { withApps: true, wasUp: false, instances: {} }
const node = join(root, 'node_modules/.bin/node')

/**
 * Starts a fresh stack for the tests with its own data and ports. The services are real; only the
 * rate limits are raised, because all test users share one address. With FANONE_KEEP_STACK and
 * FANONE_PORT_BASE the stack stays for the next run.
 */
export async function setup(): Promise<void> {
  process.env.FANONE_HOME ??= resolve(root, '.fanone-test')
  if (!process.env.FANONE_KEEP_STACK) await stackCommand('reset', '--yes')
  process.env.FANONE_PORT_BASE ??= String(await freePortBase())
  process.env.RATE_LIMIT_FACTOR ??= '1000'
  const { exitCode } = await stackCommand('start', '--no-demo')
  if (exitCode !== 0) throw new Error('the stack for the tests could not be started (see above)')
}

export async function teardown(): Promise<void> {
  if (process.env.FANONE_KEEP_STACK) return
  await stackCommand('stop')
}

function stackCommand(...args: string[]) {
  return execa(node, [join(root, 'scripts/cli.ts'), ...args], { cwd: root, stdio: 'inherit', reject: false })
}

/** The first base from 17000 on with free ports, so that several checkouts can test at once. */
async function freePortBase(): Promise<number> {
  for (let portBase = 17_000; portBase < 31_000; portBase += 1_200) {
    const settings = { ...readSettings(), portBase }
    const isFree = await checkPorts(settings, readManifest(settings), wholeStack).then(
      () => true,
      () => false,
    )
    if (isFree) return portBase
  }
  throw new Error('no free range of ports between 17000 and 31000')
}
