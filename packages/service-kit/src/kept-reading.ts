import { ServiceError } from './errors.ts'
import { RepeatingWorker, type RepeatingWorkerOptions } from './workers.ts'

export interface KeptReadingOptions extends Pick<RepeatingWorkerOptions, 'name' | 'pauseMs' | 'failure'> {
  /** Reads what has changed since it was last called. */
  read: () => Promise<void>
}

/**
 * Keeps in memory what somebody else owns and changes: read again and again in the background, and
 * waited for where it was never read, because an instance that has just started must not act as if
 * there were nothing.
 */
export class KeptReading {
  readonly #options: KeptReadingOptions
  #isRead = false
  #reading: Promise<void> | undefined

  constructor(options: KeptReadingOptions) {
    this.#options = options
  }

  /** @throws ServiceError `unavailable` where it could not be read even once */
  async require(): Promise<void> {
    if (this.#isRead) return
    try {
      await this.load()
    } catch (error) {
      throw new ServiceError('unavailable', { retryAfterSeconds: 1, cause: error })
    }
  }

  /** Reads now, or waits for a reading that goes on. */
  load(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  /** Keeps reading. */
  worker(log: RepeatingWorkerOptions['log']): RepeatingWorker {
    const { name, pauseMs, failure } = this.#options
    return new RepeatingWorker({ name, pauseMs, failure, log, isAwaited: true, work: () => this.load() })
  }

  async #read(): Promise<void> {
    await this.#options.read()
    this.#isRead = true
  }
}
