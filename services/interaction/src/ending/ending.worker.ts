import { setTimeout as delay } from 'node:timers/promises'
import { type Logger, untraced, type Worker } from '@fanone/service-kit'
import type { EndingRepository } from './ending.repository.ts'

/** Bounds how long content waits that another instance, which was killed, left behind. */
const LOOK_EVERY_MS = 2_000

/**
 * Ends the likes and comments of deleted content, in batches. What is to be done is in the database, written with the deletion itself, so
 * whoever comes after a crash goes on.
 */
export class EndingWorker implements Worker {
  readonly name = 'ending'
  readonly #endings: EndingRepository
  readonly #log: Logger
  readonly #stopping = new AbortController()
  #timer = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(options: { endings: EndingRepository; log: Logger }) {
    this.#endings = options.endings
    this.#log = options.log
  }

  start(): void {
    this.#running = untraced(() => this.#run())
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.wake()
    await this.#running
  }

  /** There is something to do. */
  wake(): void {
    this.#timer.abort()
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (await this.#endings.next()) await this.#endings.alone(() => this.#drain())
      } catch (error) {
        this.#log.warn({ err: error }, 'what belongs to deleted content could not be ended; trying again')
      }
      await delay(LOOK_EVERY_MS, undefined, { signal: this.#timer.signal }).catch(() => {})
      this.#timer = new AbortController()
    }
  }

  async #drain(): Promise<void> {
    for (let contents = await this.#endings.next(); contents; contents = await this.#endings.next()) {
      while (!(await this.#endings.endSome(contents))) if (this.#stopping.signal.aborted) return
      if (this.#stopping.signal.aborted) return
    }
  }
}
