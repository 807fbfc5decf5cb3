import { setTimeout as delay } from 'node:timers/promises'
import { untraced } from './background.ts'
import type { Database } from './database/database.ts'
import type { Logger } from './log.ts'

/** Something that runs beside the requests: a janitor, a listener, a cache. */
export interface Worker {
  name: string
  start(): Promise<void> | void
  /** Ends it; what was begun is finished first. */
  stop(): Promise<void> | void
}

/** How a run of the work went. */
export interface Run {
  tookMs: number
  hasFailed: boolean
}

export interface RepeatingWorkerOptions {
  name: string
  /**
   * Done again and again, never twice at the same time.
   *
   * @param signal aborted when the worker is to stop; work that takes long looks at it
   */
  work: (signal: AbortSignal) => Promise<unknown>
  /** The pause after each run, in milliseconds. */
  pauseMs: number | ((run: Run) => number)
  /** Asked before each run: false skips it. */
  isDue?: () => Promise<boolean>
  /** One instance of the service does the work at a time: the one that holds the database's lock with this worker's name. */
  onlyOne?: Pick<Database, 'withLock'>
  /** Begins with a pause: for work that has time, so that a start is not slower for it. */
  isPausedFirst?: boolean
  log: Logger
  /** What the log says with the error when the work failed; it is done again after the pause. */
  failure: string
}

/** The one way to do something beside the requests again and again: without traces, until it is stopped. */
export class RepeatingWorker implements Worker {
  readonly name: string
  readonly #options: RepeatingWorkerOptions
  readonly #stopping = new AbortController()
  #pause = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: RepeatingWorkerOptions) {
    this.name = options.name
    this.#options = options
  }

  start(): void {
    this.#running ??= untraced(() => this.#repeat())
  }

  /** Ends it; a run that was begun is finished first. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.wake()
    await this.#running
  }

  /** There is something to do: the pause ends at once, and after a run that was begun already there is no pause. */
  wake(): void {
    this.#pause.abort()
  }

  async #repeat(): Promise<void> {
    if (this.#options.isPausedFirst) await this.#rest({ tookMs: 0, hasFailed: false })
    while (!this.#stopping.signal.aborted) await this.#rest(await this.#run())
  }

  async #run(): Promise<Run> {
    const { log, failure } = this.#options
    const startedAt = performance.now()
    let hasFailed = false
    try {
      await this.#work()
    } catch (error) {
      hasFailed = true
      log.warn({ err: error }, `${failure}; trying again`)
    }
    return { tookMs: performance.now() - startedAt, hasFailed }
  }

  async #work(): Promise<void> {
    const { work, isDue, onlyOne } = this.#options
    if (isDue && !(await isDue())) return
    if (onlyOne) await onlyOne.withLock(this.name, () => work(this.#stopping.signal))
    else await work(this.#stopping.signal)
  }

  async #rest(run: Run): Promise<void> {
    const { pauseMs } = this.#options
    const ms = typeof pauseMs === 'number' ? pauseMs : pauseMs(run)
    await delay(ms, undefined, { signal: this.#pause.signal, ref: false }).catch(() => {})
    this.#pause = new AbortController()
  }
}
