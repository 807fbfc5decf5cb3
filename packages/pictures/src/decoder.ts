import { join } from 'node:path'
import { MAX_PICTURE_SIDE } from '@fanone/contracts'
import { createSandbox, type Sandbox, SandboxError } from '@fanone/sandbox'
import { BoundedQueue, ServiceError } from '@fanone/service-kit'
import { NotAPictureError } from './not-a-picture-error.ts'

/** One thread and a small heap: the pixels are not in it. Without code made at run time. */
const NODE_OPTIONS = ['--jitless', '--v8-pool-size=1', '--max-old-space-size=64']
const LIMITS = { program: process.execPath, cpuSeconds: 15, timeoutMs: 20_000 }

const busy = (cause?: unknown) => new ServiceError('unavailable', { retryAfterSeconds: 5, cause })

/** A script that decodes pictures nobody trusts, each run of it in a process of its own. */
export class Decoder {
  readonly #sandbox: Sandbox
  readonly #queue: BoundedQueue
  readonly #program: string[]
  readonly #maxWaitMs: number

  constructor(options: { sandbox: Sandbox; script: string; concurrency: number; maxWaitMs: number }) {
    this.#sandbox = options.sandbox
    this.#queue = new BoundedQueue(options.concurrency)
    this.#program = programOf(options.script)
    this.#maxWaitMs = options.maxWaitMs
  }

  /**
   * @param options.script in this folder
   * @param options.folder an empty folder to work in
   * @param options.maxWaitMs who would wait longer for their turn is told to come back
   * @throws Error when the script does not work here
   */
  static async open(options: {
    script: string
    folder: string
    concurrency: number
    maxWaitMs: number
  }): Promise<Decoder> {
    const { script, folder } = options
    const trial = { program: LIMITS.program, args: programOf(script) }
    return new Decoder({ ...options, sandbox: await createSandbox({ folder, programs: [trial] }) })
  }

  /**
   * @param args of the script
   * @returns what it wrote
   * @throws NotAPictureError, or ServiceError `unavailable` where too many wait
   */
  run(args: string[], maxOutputBytes: number): Promise<Buffer> {
    return this.#queue.run(() => this.#run(args, maxOutputBytes), { maxMs: this.#maxWaitMs, tooLong: busy })
  }

  async #run(args: string[], maxOutputBytes: number): Promise<Buffer> {
    try {
      const run = { ...LIMITS, args: [...this.#program, ...args], maxOutputBytes }
      return (await this.#sandbox.run(run)).stdout
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error
      // Wall-clock time runs out on a busy machine; everything else is the fault of the file.
      throw error.limit === 'time' ? busy(error) : new NotAPictureError(reasonOf(error), { cause: error })
    }
  }
}

const programOf = (script: string) => [...NODE_OPTIONS, join(import.meta.dirname, script)]

function reasonOf({ message, limit }: SandboxError): string {
  if (limit !== undefined) return 'it takes too much to decode'
  return /exceeds pixel limit/.test(message)
    ? `more than ${MAX_PICTURE_SIDE} pixels on a side`
    : 'it is damaged, or too large to decode'
}
