import { join } from 'node:path'
import { MAX_PICTURE_SIDE, type PictureKind } from '@fanone/contracts'
import { createSandbox, type Sandbox, SandboxError } from '@fanone/sandbox'
import { BoundedQueue, ServiceError } from '@fanone/service-kit'
import { NotAPictureError } from './not-a-picture-error.ts'

/** One thread and a small heap: the pixels are not in it. Without code made at run time. */
const NODE_OPTIONS = ['--jitless', '--v8-pool-size=1', '--max-old-space-size=64']
const PROGRAM = [...NODE_OPTIONS, join(import.meta.dirname, 'resize.js')]
const LIMITS = { program: process.execPath, cpuSeconds: 15, timeoutMs: 20_000, maxOutputBytes: 16 * 1024 * 1024 }
/** Others are told to come back: `PICTURE_TIMEOUT_MS` has to do for waiting and making. */
const MAX_WAIT_MS = 8_000

/** Decodes pictures nobody trusts and makes small ones of them, each in a process of its own. */
export class PictureMaker {
  readonly #sandbox: Sandbox
  readonly #queue: BoundedQueue

  constructor(options: { sandbox: Sandbox; concurrency: number }) {
    this.#sandbox = options.sandbox
    this.#queue = new BoundedQueue(options.concurrency)
  }

  /**
   * Makes a maker.
   *
   * @param options.folder an empty folder to work in
   * @throws Error when the decoder does not work here
   */
  static async open(options: { folder: string; concurrency: number }): Promise<PictureMaker> {
    const { folder, concurrency } = options
    const sandbox = await createSandbox({ folder, programs: [{ program: LIMITS.program, args: PROGRAM }] })
    return new PictureMaker({ sandbox, concurrency })
  }

  /**
   * Makes WebP pictures of a file.
   *
   * @param path absolute
   * @returns one for each width of the kind, in their order
   * @throws NotAPictureError, or ServiceError `unavailable` where too many wait
   */
  make(path: string, kind: Pick<PictureKind, 'widths' | 'isSquare'>): Promise<Buffer[]> {
    return this.#queue.run(() => this.#make(path, kind), { maxMs: MAX_WAIT_MS, tooLong: busy })
  }

  async #make(path: string, { widths, isSquare }: Pick<PictureKind, 'widths' | 'isSquare'>): Promise<Buffer[]> {
    const order = JSON.stringify({ widths, isSquare, maxSide: MAX_PICTURE_SIDE })
    try {
      const { stdout } = await this.#sandbox.run({ ...LIMITS, args: [...PROGRAM, path, order] })
      return partsOf(stdout)
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error
      // Wall-clock time runs out on a busy machine; everything else is the fault of the file.
      throw error.limit === 'time' ? busy(error) : new NotAPictureError(reasonOf(error), { cause: error })
    }
  }
}

const busy = (cause?: unknown) => new ServiceError('unavailable', { retryAfterSeconds: 5, cause })

function reasonOf({ message, limit }: SandboxError): string {
  if (limit !== undefined) return 'it takes too much to decode'
  return /exceeds pixel limit/.test(message)
    ? `more than ${MAX_PICTURE_SIDE} pixels on a side`
    : 'it is damaged, or too large to decode'
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
