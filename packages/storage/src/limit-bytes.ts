import { TooLargeError } from './errors.ts'

/** Passes bytes on; more than so many end the stream with `TooLargeError`. */
export function limitBytes(maxBytes: number) {
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) throw new TooLargeError(maxBytes)
      yield chunk
    }
  }
}
