import { join } from 'node:path'
import { execa } from 'execa'
import { cached } from './cache.ts'

const version = '1.8.0'

/** Builds Versity's S3 server into the cache, once: 2 to 3 minutes of CPU. @returns the program */
export async function buildVersitygw(cache: string): Promise<string> {
  const folder = await cached(cache, `versitygw-${version}`, async (target) => {
    const module = `github.com/versity/versitygw/cmd/versitygw@v${version}`
    await execa('go', ['install', '-ldflags', '-s -w', '-trimpath', module], {
      env: { CGO_ENABLED: '0', GOBIN: target },
    })
  })
  return join(folder, 'versitygw')
}
