import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'

const version = '3.19.5'
const folderName = `helm-${version}`

/** Helm 3 as $HELM names it, from the cache, or of the PATH; undefined where there is none. */
export async function findHelm(cache: string, env = process.env): Promise<string | undefined> {
  const ofCache = join(cache, folderName, 'helm')
  for (const path of [env.HELM, existsSync(ofCache) ? ofCache : undefined, 'helm']) {
    if (!path) continue
    const { stdout = '' } = await execa(path, ['version', '--short'], { reject: false })
    if (stdout.startsWith('v3.')) return path
  }
  return undefined
}

/** Builds Helm into the cache, once: 2 to 3 minutes of CPU. @returns the program */
export async function buildHelm(cache: string): Promise<string> {
  const folder = await cached(cache, folderName, async (target) => {
    await execa('go', ['install', '-ldflags', '-s -w', '-trimpath', `helm.sh/helm/v3/cmd/helm@v${version}`], {
      env: { CGO_ENABLED: '0', GOBIN: target },
    })
  })
  return join(folder, 'helm')
}
