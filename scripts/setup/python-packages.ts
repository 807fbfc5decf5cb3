import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'
import { installPackages } from './debian-packages.ts'

/**
 * Returns a Python with packages, in a virtual environment in the cache, keyed by all pinned
 * versions. Run programs as `<python> -m …`: the folder was renamed after it was filled, so the
 * scripts in it name a path that is gone.
 *
 * @param options.name the package that the folder is named after
 * @param options.requirements the file in `python/` that pins every package
 */
export async function fetchPythonPackages(
  cache: string,
  { name, requirements }: { name: string; requirements: string },
): Promise<string> {
  const file = join(import.meta.dirname, 'python', requirements)
  const pinned = readFileSync(file, 'utf8')
  const version = new RegExp(`^${name}==(\\S+)$`, 'm').exec(pinned)?.[1]
  const key = createHash('sha256').update(pinned).digest('hex').slice(0, 8)
  const folder = await cached(cache, `${name}-${version}-${key}`, async (target) => {
    if (!(await hasVenv())) await installPackages(['python3-venv'])
    await execa('python3', ['-m', 'venv', target])
    await execa(join(target, 'bin/python'), ['-m', 'pip', 'install', '--quiet', '--no-deps', '-r', file])
  })
  return join(folder, 'bin/python')
}

/** Debian has the module that makes virtual environments in a separate package. */
async function hasVenv(): Promise<boolean> {
  const { failed } = await execa('python3', ['-c', 'import ensurepip, venv'], { reject: false })
  return !failed
}
