import { setTimeout as delay } from 'node:timers/promises'
import { untraced } from '../background.ts'
import type { Publisher } from '../dapr/publish.ts'
import type { Logger } from '../log.ts'
import { outboxLagSeconds, outboxPending, outboxPublished } from '../metrics.ts'
import type { Database } from './database.ts'
import type { OutboxRow } from './outbox.entity.ts'
import { batchesOfOneTopic, bulkBody, deleteFromOutbox, MAX_EVENTS, measureOutbox, readOutbox } from './outbox-rows.ts'

/** Under traffic so long from one publication to the next, so that events travel together. */
const GATHER_MS = 25
/** Until the next try where another instance has the lock and may have read before our commit. */
const TAKEN_MS = 50
/** Finds what an instance left that was killed, and measures. */
const LOOK_EVERY_MS = 1_000

/**
 * Publishes the outbox through Dapr, oldest first: the event that comes alone at once, those that
 * come soon after it together. One relay of a service works at a time (a MySQL lock that ends with
 * its connection), so events of an aggregate keep their order. Rows are deleted after the broker
 * has them: a crash in between publishes them again with the same id, and the receivers' inboxes
 * drop the repeats.
 */
export class OutboxRelay {
  readonly #database: Database
  readonly #publisher: Pick<Publisher, 'publishBatch'>
  readonly #log: Logger
  readonly #appId: string
  readonly #stopping = new AbortController()
  #wake: () => void = () => {}
  /** Something may be in the outbox that has not been read. */
  #hasNews = false
  #lastTurnAt = Number.NEGATIVE_INFINITY
  #looking: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: {
    database: Database
    publisher: Pick<Publisher, 'publishBatch'>
    log: Logger
    appId: string
  }) {
    this.#database = options.database
    this.#publisher = options.publisher
    this.#log = options.log
    this.#appId = options.appId
    this.#database.onEvents = () => this.#notify()
  }

  start(): void {
    this.#running = untraced(() => this.#run())
    // Apart from publishing, because these metrics must show a publication that hangs.
    this.#looking = setInterval(() => void untraced(() => this.#look()), LOOK_EVERY_MS).unref()
  }

  /** Publishes the rest, as far as `timeoutMs` allows, and ends. */
  async stop(timeoutMs = 3_000): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#looking)
    this.#notify()
    await Promise.race([this.#running, delay(timeoutMs, undefined, { ref: false })])
  }

  #notify(): void {
    this.#hasNews = true
    this.#wake()
  }

  async #run(): Promise<void> {
    let failures = 0
    while (true) {
      const isLast = this.#stopping.signal.aborted
      try {
        await this.#gather()
        const isTaken = !(await this.#database.withLock('outbox', () => this.#publishRows()))
        failures = 0
        if (isLast) return
        if (isTaken) await this.#pause(TAKEN_MS)
        else await this.#sleep()
      } catch (error) {
        failures++
        this.#log.warn({ err: error, failures }, 'the outbox could not be published; trying again')
        if (this.#stopping.signal.aborted) return
        await this.#pause(Math.min(100 * 2 ** failures, 5_000))
      }
    }
  }

  /** Sleeps until there is something to do. */
  async #sleep(): Promise<void> {
    if (this.#hasNews || this.#stopping.signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wake = resolve
    await promise
  }

  /** Pauses for a time, or until the relay is to stop. */
  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => {})
  }

  /** Waits for company where the last turn was a moment ago. */
  async #gather(): Promise<void> {
    const ms = this.#lastTurnAt + GATHER_MS - performance.now()
    if (ms > 0) await this.#pause(ms)
    this.#lastTurnAt = performance.now()
  }

  /** Publishes until nothing is left that this instance knows of, and whatever else it finds. */
  async #publishRows(): Promise<void> {
    let rows = await this.#read()
    while (rows.length > 0) {
      await this.#publishAll(rows)
      const deleting = deleteFromOutbox(this.#database, rows)
      if (rows.length === MAX_EVENTS) {
        // Reads the next rows during the deletion, but sends them only after it: a crash repeats
        // one read at most.
        const [next] = await Promise.all([this.#read(rows), deleting])
        rows = next
      } else {
        await deleting
        if (!this.#hasNews) return
        await this.#gather()
        rows = await this.#read()
      }
    }
  }

  #read(except: OutboxRow[] = []): Promise<OutboxRow[]> {
    this.#hasNews = false
    return readOutbox(this.#database, except)
  }

  /** Rows sent before a batch failed are deleted, or each retry would send them again. */
  async #publishAll(rows: OutboxRow[]): Promise<void> {
    const sent: OutboxRow[] = []
    try {
      for (const batch of batchesOfOneTopic(rows)) {
        await this.#publish(batch)
        sent.push(...batch)
      }
    } catch (error) {
      if (sent.length > 0) await deleteFromOutbox(this.#database, sent)
      throw error
    }
  }

  /** Measures what waits, and wakes the relay for what nobody told it of. */
  async #look(): Promise<void> {
    try {
      const { pending, oldest } = await measureOutbox(this.#database)
      outboxPending.set(pending)
      outboxLagSeconds.set(oldest ? Math.max(0, (Date.now() - oldest.getTime()) / 1_000) : 0)
      if (pending > 0) this.#notify()
    } catch (error) {
      this.#log.debug({ err: error }, 'the outbox could not be measured')
    }
  }

  async #publish(rows: OutboxRow[]): Promise<void> {
    const topic = (rows[0] as OutboxRow).topic
    await this.#publisher.publishBatch(topic, bulkBody(rows, this.#appId))
    outboxPublished.inc({ topic }, rows.length)
  }
}
