import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { isPortFree } from '../../scripts/stack/ports.ts'

const root = resolve(import.meta.dirname, '../..')
const node = join(root, 'node_modules/.bin/node')

/**
 * Starts a fresh stack for the tests: own data, own ports, beside whatever else runs. The services are the real ones; only the
 * rate limits are raised, because all users of the tests share one address. With FANONE_KEEP_STACK and FANONE_PORT_BASE set, a
 * stack is left running at the end and used again the next time, for those who write tests.
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

/** The first base from 17000 on whose well-known ports are free, so that several checkouts can test at the same time. */
async function freePortBase(): Promise<number> {
  for (let base = 17_000; base < 31_000; base += 1_200) {
    const ports = [1, 2, 3, 4, 5, 6, 7, 8, 100, 110, 120, 130, 300, 310, 320, 330, 1080].map((offset) => base + offset)
    if ((await Promise.all(ports.map(isPortFree))).every(Boolean)) return base
  }
  throw new Error('no free range of ports between 17000 and 31000')
}
