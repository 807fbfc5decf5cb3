import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'
import { installPackages } from './debian-packages.ts'

const requirements = join(import.meta.dirname, 'python/schemathesis.txt')

/**
 * Returns a Python with Schemathesis, in a virtual environment in the cache, keyed by all pinned
 * versions. Run it as `<python> -m schemathesis.cli`: the folder was renamed after it was filled,
 * so the scripts in it name a path that is gone.
 */
export async function fetchSchemathesis(cache: string): Promise<string> {
  const pinned = readFileSync(requirements, 'utf8')
  const version = /^schemathesis==(\S+)$/m.exec(pinned)?.[1]
  const key = createHash('sha256').update(pinned).digest('hex').slice(0, 8)
  const folder = await cached(cache, `schemathesis-${version}-${key}`, async (target) => {
    if (!(await hasVenv())) await installPackages(['python3-venv'])
    await execa('python3', ['-m', 'venv', target])
    await execa(join(target, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', requirements])
  })
  return join(folder, 'bin/python')
}

/** Debian has the module that makes virtual environments in a separate package. */
async function hasVenv(): Promise<boolean> {
  const { failed } = await execa('python3', ['-c', 'import ensurepip, venv'], { reject: false })
  return !failed
}
