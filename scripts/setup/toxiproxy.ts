import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'

const version = '2.12.0'

/** Builds the Toxiproxy server into the cache, once. @returns the program */
export async function buildToxiproxy(cache: string): Promise<string> {
  const folder = await cached(cache, `toxiproxy-${version}`, async (target) => {
    await execa('go', ['install', `github.com/Shopify/toxiproxy/v2/cmd/server@v${version}`], {
      env: { CGO_ENABLED: '0', GOBIN: target },
    })
  })
  return join(folder, 'server')
}
