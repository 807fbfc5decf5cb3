import { setTimeout as delay } from 'node:timers/promises'
import { untraced } from './background.ts'
import type { Database } from './database/database.ts'
import type { Logger } from './log.ts'
import { workerFailures } from './metrics.ts'

/** Something that runs in the background: a janitor, a listener, a cache. */
export interface Worker {
  name: string
  start(): Promise<void> | void
  /** Ends it after finishing what it has begun. */
  stop(): Promise<void> | void
  /** Settles when what requests need of it is there; left out where they need nothing. */
  whenReady?(): Promise<void>
}

/** How a run of the work went. */
export interface Run {
  tookMs: number
  hasFailed: boolean
  /** Another instance was at it, so nothing was done here. */
  wasTaken: boolean
}

export interface RepeatingWorkerOptions {
  name: string
  /**
   * Called repeatedly, never twice at the same time.
   *
   * @param signal aborted when the worker is to stop; long work checks it
   */
  work: (signal: AbortSignal) => Promise<unknown>
  /** The pause after each run, in milliseconds. */
  pauseMs: number | ((run: Run) => number)
  /** What is left of the pause, in milliseconds, when somebody wakes it; 0 unless it says more. */
  leastPauseMs?: number
  /** Asked before each run: false skips it. */
  isDue?: () => Promise<boolean>
  /**
   * Lets one instance of the service work at a time: the holder of the database lock named `name`.
   */
  onlyOne?: Pick<Database, 'withLock'>
  /** Begins with a pause: for work that is not urgent, so that it does not slow down the start. */
  isPausedFirst?: boolean
  /** Requests need what it brings: its service is ready after the first run that did not fail. */
  isAwaited?: boolean
  log: Logger
  /** Log message for an error of the work, which is repeated after the pause. */
  failure: string
}

/** Repeats background work until it is stopped, without recording traces. */
export class RepeatingWorker implements Worker {
  readonly name: string
  readonly #options: RepeatingWorkerOptions
  readonly #stopping = new AbortController()
  readonly #firstSuccess = Promise.withResolvers<void>()
  #pause = new AbortController()
  #failures = 0
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

  async whenReady(): Promise<void> {
    if (this.#options.isAwaited) await this.#firstSuccess.promise
  }

  /**
   * Ends the pause, but for `leastPauseMs` after the run before; after a run that has already begun
   * there is no other.
   */
  wake(): void {
    this.#pause.abort()
  }

  async #repeat(): Promise<void> {
    if (this.#options.isPausedFirst) await this.#rest({ tookMs: 0, hasFailed: false, wasTaken: false })
    while (!this.#stopping.signal.aborted) await this.#rest(await this.#run())
  }

  async #run(): Promise<Run> {
    const { log, failure } = this.#options
    const startedAt = performance.now()
    let [hasFailed, wasTaken] = [false, false]
    try {
      wasTaken = !(await this.#work())
    } catch (error) {
      hasFailed = true
      log.warn({ err: error }, `${failure}; trying again`)
    }
    this.#failures = hasFailed ? this.#failures + 1 : 0
    workerFailures.set({ worker: this.name }, this.#failures)
    if (!hasFailed) this.#firstSuccess.resolve()
    return { tookMs: performance.now() - startedAt, hasFailed, wasTaken }
  }

  /** @returns false where another instance has the lock */
  async #work(): Promise<boolean> {
    const { work, isDue, onlyOne } = this.#options
    if (isDue && !(await isDue())) return true
    if (onlyOne) return onlyOne.withLock(this.name, () => work(this.#stopping.signal))
    await work(this.#stopping.signal)
    return true
  }

  async #rest(run: Run): Promise<void> {
    const { pauseMs, leastPauseMs = 0 } = this.#options
    const ms = typeof pauseMs === 'number' ? pauseMs : pauseMs(run)
    const least = leastPauseMs > 0 ? this.#sleep(Math.min(ms, leastPauseMs), this.#stopping) : undefined
    await this.#sleep(ms, this.#pause)
    await least
    this.#pause = new AbortController()
  }

  async #sleep(ms: number, { signal }: AbortController): Promise<void> {
    await delay(ms, undefined, { signal, ref: false }).catch(() => {})
  }
}

/** Waits for what requests need of the workers, but not for ever: a callee may be away for long. */
export async function whenReady(workers: readonly Pick<Worker, 'whenReady'>[], timeoutMs: number): Promise<void> {
  const ready = Promise.all(workers.map((worker) => worker.whenReady?.()))
  const waiting = new AbortController()
  await Promise.race([ready, delay(timeoutMs, undefined, { signal: waiting.signal })])
  waiting.abort()
}
