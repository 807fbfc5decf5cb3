import { setTimeout as delay } from 'node:timers/promises'
import { RankingPeriod } from '@fanone/contracts'
import { type Logger, untraced, type Worker } from '@fanone/service-kit'
import { HOUR_MS } from '../counter/changes.ts'
import type { RankingRepository } from './ranking.repository.ts'

const INTERVAL_MS = 1_500
/** The pause is at least so many times what counting took, so that rankings take a tenth of a core at most. */
const REST_FACTOR = 10
/** What took long once, because a machine was busy, must not leave rankings old for long. */
const LONGEST_PAUSE_MS = 10_000

/** Makes the rankings anew after visits and at every turn of an hour, and tells of those that are different. One instance at a time. */
export class RankingWorker implements Worker {
  readonly name = 'rankings'
  readonly #rankings: RankingRepository
  readonly #log: Logger
  readonly #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #lastHour: number | undefined

  constructor(options: { rankings: RankingRepository; log: Logger }) {
    this.#rankings = options.rankings
    this.#log = options.log
  }

  start(): void {
    this.#running = untraced(() => this.#run())
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const startedAt = performance.now()
      try {
        await this.#lookAround()
      } catch (error) {
        this.#log.warn({ err: error }, 'the rankings could not be made; trying again')
      }
      const restMs = Math.min(LONGEST_PAUSE_MS, REST_FACTOR * (performance.now() - startedAt))
      const pauseMs = Math.max(INTERVAL_MS, restMs)
      await delay(pauseMs, undefined, { signal }).catch(() => {})
    }
  }

  async #lookAround(): Promise<void> {
    const hour = Math.floor(Date.now() / HOUR_MS)
    const mark = await this.#rankings.changedMark()
    if (mark === undefined && hour === this.#lastHour) return
    await this.#rankings.alone(async () => {
      for (const period of RankingPeriod.options) {
        const [before, items] = [await this.#rankings.read(period), await this.#rankings.compute(period, hour)]
        if (JSON.stringify(items) !== JSON.stringify(before.items)) await this.#rankings.replace(period, items)
      }
      if (hour !== this.#lastHour) await this.#rankings.forgetHours(hour)
      this.#lastHour = hour
      if (mark !== undefined) await this.#rankings.forgetChange(mark)
    })
  }
}
