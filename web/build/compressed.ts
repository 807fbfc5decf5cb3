import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const textual = /\.(js|css|html|svg|json|webmanifest)$/
/** What compresses to less than this is not worth a second file. */
const LEAST_BYTES = 1_024

/**
 * Writes Brotli and gzip beside each text, so that no request pays for compressing it. From the
 * files as written: in `generateBundle` Vite's marks of preloads are not replaced yet.
 */
export function compressed(): Plugin {
  return {
    name: 'fanone-compressed',
    apply: 'build',
    writeBundle({ dir = '' }, bundle) {
      for (const fileName of Object.keys(bundle).filter((name) => textual.test(name))) {
        const file = join(dir, fileName)
        const bytes = readFileSync(file)
        if (bytes.length < LEAST_BYTES) continue
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }))
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
      }
    },
  }
}
