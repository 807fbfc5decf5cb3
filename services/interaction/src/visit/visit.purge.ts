import { type Logger, untraced, type Worker } from '@fanone/service-kit'
import type { VisitRepository } from './visit.repository.ts'

const INTERVAL_MS = 60_000

/** Forgets viewers who may be counted again: once a minute, in small pieces that hold no lock for long. */
export class VisitPurge implements Worker {
  readonly name = 'visit purge'
  readonly #visits: VisitRepository
  readonly #log: Logger
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()
  #isStopping = false

  constructor(options: { visits: VisitRepository; log: Logger }) {
    this.#visits = options.visits
    this.#log = options.log
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = untraced(() => this.#purge())
    }, INTERVAL_MS).unref()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    clearInterval(this.#timer)
    await this.#running
  }

  async #purge(): Promise<void> {
    try {
      while (!this.#isStopping && (await this.#visits.purge()));
    } catch (error) {
      this.#log.warn({ err: error }, 'old visits could not be deleted; trying again in a minute')
    }
  }
}
