import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// The flag only makes the function there for the context that is made next; nothing else gets to see it.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as (options: { type: 'minor' }) => void

const COLLECT_AFTER_BYTES = 16 * 1024 * 1024
let bytesSinceCollection = 0

/**
 * Passes a stream on and has V8 free its chunks before they pile up. Every read of a socket is a new buffer of 64 KiB outside V8's
 * heap. Their small handles alone would fill the young generation only after 200 MiB, so V8 waits until 64 MiB of buffers are
 * garbage and then collects the whole heap, again and again. A collection of the young generation after each 16 MiB of all
 * uploads together costs about a millisecond and saves those: measured with one upload of 1 GiB, 17 instead of 70 MiB of growth in
 * a quarter less time.
 */
export async function* freeingReadBuffers(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    bytesSinceCollection += chunk.byteLength
    if (bytesSinceCollection >= COLLECT_AFTER_BYTES) {
      bytesSinceCollection = 0
      collectGarbage({ type: 'minor' })
    }
    yield chunk
  }
}
