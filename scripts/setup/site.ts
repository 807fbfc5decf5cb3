import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'

/** What the site is made of. Contracts are types there, and paths that are written into it. */
const sources = ['web/{src,build,public}/**', 'web/*.{ts,json,html}', 'package-lock.json']

/** Tests that start a stack have another one, which makes React half as large again. */
const mode = 'production'

/**
 * Returns the folder with the site, which is built again where anything of it has changed.
 *
 * @param report receives progress when it has to be built
 */
export async function buildSite(root: string, cache: string, report: (text: string) => void): Promise<string> {
  const hash = createHash('sha256').update(mode)
  for (const entry of globSync(sources, { cwd: root, withFileTypes: true }).toSorted(byPath)) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    hash.update(path.slice(root.length)).update(readFileSync(path))
  }
  const build = async (folder: string) => {
    report('building the site')
    const options = ['build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn']
    await execa('vite', options, { cwd: join(root, 'web'), localDir: root, preferLocal: true, env: { NODE_ENV: mode } })
  }
  const onWait = (pid: number) => report(`process ${pid} is building the site`)
  return cached(cache, `site-${hash.digest('hex').slice(0, 12)}`, build, onWait)
}

const byPath = (a: { parentPath: string; name: string }, b: { parentPath: string; name: string }) =>
  join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1
