import { MAX_PICTURE_SIDE, type PictureKind } from '@fanone/contracts'
import { Decoder } from './decoder.ts'

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024
/** Others are told to come back: `PICTURE_TIMEOUT_MS` has to do for waiting and making. */
const MAX_WAIT_MS = 8_000

/** Decodes pictures nobody trusts and makes small ones of them, each in a process of its own. */
export class PictureMaker {
  readonly #decoder: Decoder

  constructor(decoder: Decoder) {
    this.#decoder = decoder
  }

  /**
   * Makes a maker.
   *
   * @param options.folder an empty folder to work in
   * @throws Error when the decoder does not work here
   */
  static async open(options: { folder: string; concurrency: number }): Promise<PictureMaker> {
    return new PictureMaker(await Decoder.open({ ...options, script: 'resize.js', maxWaitMs: MAX_WAIT_MS }))
  }

  /**
   * Makes WebP pictures of a file.
   *
   * @param path absolute
   * @returns one for each width of the kind, in their order
   * @throws NotAPictureError, or ServiceError `unavailable` where too many wait
   */
  async make(path: string, { widths, isSquare }: Pick<PictureKind, 'widths' | 'isSquare'>): Promise<Buffer[]> {
    const order = JSON.stringify({ widths, isSquare, maxSide: MAX_PICTURE_SIDE })
    return partsOf(await this.#decoder.run([path, order], MAX_OUTPUT_BYTES))
  }
}

function partsOf(output: Buffer): Buffer[] {
  const end = output.indexOf('\n')
  const parts: Buffer[] = []
  let offset = end + 1
  for (const length of output.toString('latin1', 0, end).split(' ').map(Number)) {
    parts.push(output.subarray(offset, offset + length))
    offset += length
  }
  return parts
}
