import { setTimeout as delay } from 'node:timers/promises'
import { type EventHandler, type Logger, RepeatingWorker, type Worker } from '@fanone/service-kit'
import type { Builder } from '../timeline/timeline.service.ts'
import type { RebuildRepository } from './rebuild.repository.ts'
import type { RebuildService } from './rebuild.service.ts'

const LOOK_EVERY_MS = 2_000
const POLL_BUILT_MS = 50
/** Bounds how long timelines and catalogue can differ, whatever went wrong. */
const LARGEST_AGE_MS = 24 * 60 * 60 * 1_000
/** Instances that start together rebuild once. */
const LARGEST_AGE_AT_START_MS = 60_000
/**
 * A failed event that has not come again for this long is a dead letter: deliveries are at most 5 s
 * apart.
 */
const GIVEN_UP_AFTER_MS = 30_000

/**
 * Rebuilds in the background: at start; when Redis lost its data or was restarted (it syncs its
 * file once a second, so a crash of the machine loses effects of events that Kafka regards as
 * handled); once a day; and after dead letters caused by a long outage.
 */
export class RebuildWorker implements Worker, Builder {
  readonly name = 'rebuild'
  readonly #service: RebuildService
  readonly #rebuilds: RebuildRepository
  readonly #looking: RepeatingWorker
  /** Events that failed, by when they did last. */
  readonly #failures = new Map<string, number>()
  #largestAgeMs = LARGEST_AGE_AT_START_MS
  #waiting: Promise<boolean> | undefined

  constructor(options: { service: RebuildService; rebuilds: RebuildRepository; log: Logger }) {
    this.#service = options.service
    this.#rebuilds = options.rebuilds
    this.#looking = new RepeatingWorker({
      name: this.name,
      work: () => this.#lookAround(),
      pauseMs: LOOK_EVERY_MS,
      isAwaited: true,
      log: options.log,
      failure: 'the timelines could not be rebuilt',
    })
  }

  start(): void {
    this.#looking.start()
  }

  whenReady(): Promise<void> {
    return this.#looking.whenReady()
  }

  stop(): Promise<void> {
    this.#service.stop()
    return this.#looking.stop()
  }

  /** Wraps handlers so that their dead letters cause a rebuild. */
  repairing<Handlers extends Record<string, EventHandler<never>>>(handlers: Handlers): Handlers {
    const repairing = Object.entries(handlers).map(([topic, handler]) => [topic, this.#repairing(handler)])
    return Object.fromEntries(repairing) as Handlers
  }

  #repairing(handler: EventHandler<never>): EventHandler<never> {
    return async (delivery) => {
      const { source, id } = delivery.event
      try {
        const outcome = await handler(delivery)
        this.#failures.delete(`${source} ${id}`)
        return outcome
      } catch (error) {
        this.#failures.set(`${source} ${id}`, Date.now())
        throw error
      }
    }
  }

  /** All waiting readers share one query of Redis. */
  async whenBuilt(timeoutMs: number): Promise<boolean> {
    this.#waiting ??= this.#waitUntilBuilt(timeoutMs).finally(() => {
      this.#waiting = undefined
    })
    return this.#waiting
  }

  async #waitUntilBuilt(timeoutMs: number): Promise<boolean> {
    this.#looking.wake()
    for (const giveUpAt = Date.now() + timeoutMs; Date.now() < giveUpAt; await delay(POLL_BUILT_MS)) {
      if ((await this.#rebuilds.lastBuild()) !== undefined) return true
    }
    return false
  }

  async #lookAround(): Promise<void> {
    if (await this.#isDue()) await this.#rebuild()
    else await this.#service.rebuildMissingSupplements()
  }

  async #isDue(): Promise<boolean> {
    const built = await this.#rebuilds.lastBuild()
    if (built === undefined || Date.now() - built.atMs > this.#largestAgeMs) return true
    if (built.redisRun !== (await this.#rebuilds.redisRun())) return true
    return [...this.#failures.values()].some((failedAtMs) => Date.now() - failedAtMs > GIVEN_UP_AFTER_MS)
  }

  async #rebuild(): Promise<void> {
    const startedAtMs = Date.now()
    // A rebuild of another instance may be past the event that failed here, so it stays due.
    if (!(await this.#service.tryRebuild())) return
    this.#largestAgeMs = LARGEST_AGE_MS
    for (const [event, failedAtMs] of this.#failures) if (failedAtMs < startedAtMs) this.#failures.delete(event)
  }
}
