import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'

/** The command packages under dapr/cmd. */
export type DaprProgram = 'daprd' | 'sentry'

/**
 * Finds a daprd of the minor version in dapr/go.mod: $DAPRD, Dapr's own installation, the PATH, or
 * one built here once. A cold build takes 3 to 5 minutes on two cores.
 *
 * @throws Error when $DAPRD is set to another version or program
 */
export async function findOrBuildDaprd(
  root: string,
  cache: string,
  report: (text: string) => void = () => {},
  env = process.env,
): Promise<string> {
  const wanted = daprVersion(root)
  const minor = wanted.split('.').slice(0, 2).join('.')
  for (const path of [env.DAPRD, join(homedir(), '.dapr/bin/daprd'), 'daprd']) {
    if (!path) continue
    const version = await versionOf(path)
    if (version?.startsWith(`${minor}.`)) return path
    if (path === env.DAPRD) throw new Error(`DAPRD=${path} is version ${version ?? 'unknown'}; ${minor}.x is needed`)
  }
  return buildDaprProgram('daprd', root, cache, report)
}

/**
 * Builds one of Dapr's programs into the cache, keyed by all its inputs.
 *
 * @param report receives progress when it has to be built
 */
export async function buildDaprProgram(
  program: DaprProgram,
  root: string,
  cache: string,
  report: (text: string) => void = () => {},
): Promise<string> {
  const source = join(root, 'dapr')
  const version = daprVersion(root)
  const files = ['go.mod', 'go.sum', `cmd/${program}/main.go`, ...patches(source)]
  const inputs = files.map((file) => readFileSync(join(source, file)))
  const key = createHash('sha256').update(Buffer.concat(inputs)).digest('hex').slice(0, 12)
  const build = async (target: string) => {
    report(`building ${program}`)
    const versionFlags = `-X github.com/dapr/dapr/pkg/buildinfo.version=${version} -X github.com/dapr/kit/logger.DaprVersion=${version}`
    const output = ['-ldflags', `-s -w ${versionFlags}`, '-o', join(target, program), `./cmd/${program}`]
    const modFile = await patchComponents(source, join(target, 'source'))
    await execa('go', ['build', `-modfile=${modFile}`, '-mod=readonly', '-trimpath', ...output], {
      cwd: source,
      env: { CGO_ENABLED: '0' },
    })
    rmSync(join(target, 'source'), { recursive: true })
  }
  const onWait = (pid: number) => report(`process ${pid} is making the same`)
  const folder = await cached(cache, `${program}-${version}-${key}`, build, onWait)
  return join(folder, program)
}

const components = 'github.com/dapr/components-contrib'

function patches(source: string): string[] {
  return readdirSync(join(source, 'patches'))
    .filter((file) => file.endsWith('.patch'))
    .toSorted()
    .map((file) => join('patches', file))
}

/**
 * Copies Dapr's components, applies our patches to the copy, and writes a go.mod that uses it.
 *
 * @returns that go.mod
 */
async function patchComponents(source: string, folder: string): Promise<string> {
  const copy = join(folder, 'components-contrib')
  const { stdout } = await execa('go', ['mod', 'download', '-json', components], { cwd: source })
  mkdirSync(folder, { recursive: true })
  await execa('cp', ['-r', (JSON.parse(stdout) as { Dir: string }).Dir, copy])
  await execa('chmod', ['-R', 'u+w', copy])
  for (const patch of patches(source)) {
    // Without the ceiling git finds a repository around the cache and skips files that are
    // untracked there.
    await execa('git', ['apply', join(source, patch)], { cwd: copy, env: { GIT_CEILING_DIRECTORIES: folder } })
  }
  const goMod = `${readFileSync(join(source, 'go.mod'), 'utf8')}\nreplace ${components} => ${copy}\n`
  writeFileSync(join(folder, 'go.mod'), goMod)
  copyFileSync(join(source, 'go.sum'), join(folder, 'go.sum'))
  return join(folder, 'go.mod')
}

/** The version of dapr that dapr/go.mod asks for, without the "v". */
export function daprVersion(root: string): string {
  const version = /github\.com\/dapr\/dapr v([\d.]+)/.exec(readFileSync(join(root, 'dapr/go.mod'), 'utf8'))?.[1]
  if (version === undefined) throw new Error('dapr/go.mod does not name github.com/dapr/dapr')
  return version
}

async function versionOf(path: string): Promise<string | undefined> {
  const { stdout, failed } = await execa(path, ['--version'], { reject: false })
  return failed ? undefined : stdout?.trim()
}
