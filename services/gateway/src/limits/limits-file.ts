import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rateLimits } from '@fanone/contracts/gateway'
import { type Logger, RepeatingWorker, type Worker } from '@fanone/service-kit'
import { z } from 'zod'

/** Polled, not watched, for the reason of the list of sensitive words. */
const LOOK_EVERY_MS = 1_000

const some = z.int().positive().optional()
const names = Object.keys(rateLimits) as (keyof typeof rateLimits)[]

/** What `limits.json` may say; what it leaves out is as the settings and contracts say. */
export const LimitValues = z.strictObject({
  maxConnections: some,
  eventLoopDelayMs: some,
  routeConcurrency: some,
  userWriteConcurrency: some,
  userEventStreams: some,
  eventStreams: some,
  ratesPerMinute: z.partialRecord(z.enum(names), z.int().positive()).optional(),
})
export type LimitValues = z.infer<typeof LimitValues>

export interface LimitsFileOptions {
  path: string
  /** Called with what the file says, each time that it says something else. */
  apply: (values: LimitValues) => void
  log: Logger
}

/** Follows a file of limits, so that they change without a restart. */
export class LimitsFile implements Worker {
  readonly name = 'limits file'
  readonly #options: LimitsFileOptions
  readonly #following: RepeatingWorker
  /** What was read last, good or bad. */
  #content: string | undefined

  constructor(options: LimitsFileOptions) {
    this.#options = options
    this.#following = new RepeatingWorker({
      name: this.name,
      work: () => this.read(),
      pauseMs: LOOK_EVERY_MS,
      log: options.log,
      failure: 'the limits cannot be read; they stay as they were',
    })
  }

  start(): void {
    this.#following.start()
  }

  stop(): Promise<void> {
    return this.#following.stop()
  }

  /** Applies the file if it has changed. One that is bad or gone leaves the limits as they are. */
  async read(): Promise<void> {
    const { path, apply, log } = this.#options
    const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (content === undefined || content === this.#content) return
    this.#content = content
    const { data, problem } = parse(content)
    if (!data) return void log.error({ file: path, problem }, 'the limits are not as they should be; the old ones stay')
    apply(data)
    log.info({ file: path, limits: data }, 'read the limits')
  }
}

export const limitsPath = (config: { LIMITS_FILE?: string | undefined; FANONE_HOME: string }) =>
  config.LIMITS_FILE ?? join(config.FANONE_HOME, 'limits.json')

function parse(content: string): { data?: LimitValues; problem?: string } {
  try {
    const { data, error } = LimitValues.safeParse(JSON.parse(content))
    return data ? { data } : { problem: z.prettifyError(error as z.ZodError) }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}
