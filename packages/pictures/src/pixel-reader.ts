import { open } from 'node:fs/promises'
import { MAX_PICTURE_SIDE } from '@fanone/contracts'
import { Decoder } from './decoder.ts'
import { checkHeader, HEADER_BYTES } from './header.ts'
import { NotAPictureError } from './not-a-picture-error.ts'

/** Reads the pixels of pictures, for what looks at them instead of showing them. */
export class PixelReader {
  readonly #decoder: Decoder

  constructor(decoder: Decoder) {
    this.#decoder = decoder
  }

  /**
   * @param options.folder an empty folder to work in
   * @param options.maxWaitMs who would wait longer for their turn is told to come back
   * @throws Error when the decoder does not work here
   */
  static async open(options: { folder: string; concurrency: number; maxWaitMs: number }): Promise<PixelReader> {
    return new PixelReader(await Decoder.open({ ...options, script: 'pixels.js' }))
  }

  /**
   * Reads a picture that somebody sent, in a process of its own.
   *
   * @param path absolute
   * @param side pixels on each side of the square that the picture is stretched to
   * @returns RGB, line by line
   * @throws NotAPictureError, or ServiceError `unavailable` where too many wait
   */
  async readOne(path: string, side: number): Promise<Buffer> {
    checkHeader(await headOf(path))
    const [pixels] = await this.readAll([path], side)
    if (!pixels) throw new NotAPictureError('it is damaged, or too large to decode')
    return pixels
  }

  /**
   * Reads pictures that services have made, in one process: most of the cost is its start.
   *
   * @returns for each file the same as `readOne`; undefined where it is no picture
   * @throws as `readOne`, where one of the files ended the process
   */
  async readAll(paths: readonly string[], side: number): Promise<(Buffer | undefined)[]> {
    const bytes = side * side * 3
    const order = JSON.stringify({ side, maxSide: MAX_PICTURE_SIDE })
    const output = await this.#decoder.run([order, ...paths], paths.length * (bytes + 1))
    let offset = 0
    return paths.map(() => {
      if (output[offset++] !== 1) return undefined
      offset += bytes
      return output.subarray(offset - bytes, offset)
    })
  }
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
