import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'

/** The command packages under dapr/cmd. */
export type DaprProgram = 'daprd' | 'sentry'

/**
 * Returns a daprd of the version dapr/go.mod names (any patch of the same minor when it was there already): $DAPRD, Dapr's own
 * installation, the PATH, or one that is built here once. A cold build takes 3 to 5 minutes on two cores.
 *
 * @throws Error when $DAPRD is set but is not such a program
 */
export async function findOrBuildDaprd(root: string, cache: string, env = process.env): Promise<string> {
  const wanted = daprVersion(root)
  const minor = wanted.split('.').slice(0, 2).join('.')
  for (const path of [env.DAPRD, join(homedir(), '.dapr/bin/daprd'), 'daprd']) {
    if (!path) continue
    const version = await versionOf(path)
    if (version?.startsWith(`${minor}.`)) return path
    if (path === env.DAPRD) throw new Error(`DAPRD=${path} is version ${version ?? 'unknown'}; ${minor}.x is needed`)
  }
  return buildDaprProgram('daprd', root, cache)
}

/** Builds one of Dapr's programs into the cache, keyed by everything that goes into it. */
export async function buildDaprProgram(program: DaprProgram, root: string, cache: string): Promise<string> {
  const source = join(root, 'dapr')
  const version = daprVersion(root)
  const inputs = ['go.mod', 'go.sum', `cmd/${program}/main.go`].map((file) => readFileSync(join(source, file)))
  const key = createHash('sha256').update(Buffer.concat(inputs)).digest('hex').slice(0, 12)
  const folder = await cached(cache, `${program}-${version}-${key}`, async (target) => {
    const versionFlags = `-X github.com/dapr/dapr/pkg/buildinfo.version=${version} -X github.com/dapr/kit/logger.DaprVersion=${version}`
    const flags = `-s -w ${versionFlags}`
    await execa(
      'go',
      ['build', '-mod=readonly', '-trimpath', '-ldflags', flags, '-o', join(target, program), `./cmd/${program}`],
      {
        cwd: source,
        env: { CGO_ENABLED: '0' },
      },
    )
  })
  return join(folder, program)
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
