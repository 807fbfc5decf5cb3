import { setTimeout as delay } from 'node:timers/promises'
import { untraced } from '../background.ts'
import type { Publisher } from '../dapr/publish.ts'
import type { Logger } from '../log.ts'
import { outboxLagSeconds, outboxPending, outboxPublished } from '../metrics.ts'
import type { Database } from './database.ts'
import type { OutboxRow } from './outbox.entity.ts'
import {
  batchesOfOneTopic,
  bulkBody,
  deleteFromOutbox,
  isAnythingInOutbox,
  measureOutbox,
  readOutbox,
} from './outbox-rows.ts'

const IDLE_POLL_MS = 500
const MEASURE_EVERY_MS = 1_000

/**
 * Publishes the outbox through Dapr, oldest first. One relay of a service works at a time (a MySQL
 * lock that ends with its connection), so events of an aggregate keep their order. Rows are deleted
 * after the broker has them: a crash in between publishes them again with the same id, and the
 * receivers' inboxes drop the repeats.
 */
export class OutboxRelay {
  readonly #database: Database
  readonly #publisher: Publisher
  readonly #log: Logger
  readonly #appId: string
  readonly #stopping = new AbortController()
  #wake: () => void = () => {}
  #measuring: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: { database: Database; publisher: Publisher; log: Logger; appId: string }) {
    this.#database = options.database
    this.#publisher = options.publisher
    this.#log = options.log
    this.#appId = options.appId
    this.#database.onCommit = () => this.#wake()
  }

  start(): void {
    this.#running = untraced(() => this.#run())
    // Apart from publishing, because these metrics must show a publication that hangs.
    this.#measuring = setInterval(() => void untraced(() => this.#measureLag()), MEASURE_EVERY_MS).unref()
  }

  /** Publishes the rest, as far as `timeoutMs` allows, and ends. */
  async stop(timeoutMs = 3_000): Promise<void> {
    this.#stopping.abort()
    clearInterval(this.#measuring)
    this.#wake()
    await Promise.race([this.#running, delay(timeoutMs, undefined, { ref: false })])
  }

  async #run(): Promise<void> {
    let failures = 0
    while (true) {
      try {
        const published = await this.#drain()
        failures = 0
        if (published > 0) continue
        if (this.#stopping.signal.aborted) return
        await this.#sleep(IDLE_POLL_MS)
      } catch (error) {
        failures++
        this.#log.warn({ err: error, failures }, 'the outbox could not be published; trying again')
        if (this.#stopping.signal.aborted) return
        await delay(Math.min(100 * 2 ** failures, 5_000), undefined, { signal: this.#stopping.signal }).catch(() => {})
      }
    }
  }

  /** Sleeps until the time is over or a transaction was committed. */
  async #sleep(ms: number): Promise<void> {
    const timer = new AbortController()
    this.#wake = () => timer.abort()
    await delay(ms, undefined, { signal: timer.signal }).catch(() => {})
    this.#wake = () => {}
  }

  /**
   * Publishes until the outbox is empty.
   *
   * @returns the number of events; 0 also while another instance publishes
   */
  async #drain(): Promise<number> {
    if (!(await isAnythingInOutbox(this.#database))) return 0
    let published = 0
    await this.#database.withLock('outbox', async () => {
      let rows = await readOutbox(this.#database, [])
      while (rows.length > 0) {
        await this.#publishAll(rows)
        published += rows.length
        // Reads the next rows during the deletion, but sends them only after it: a crash repeats
        // one read at most.
        const deleting = deleteFromOutbox(this.#database, rows)
        const [next] = await Promise.all([readOutbox(this.#database, rows), deleting])
        rows = next
      }
    })
    return published
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

  async #measureLag(): Promise<void> {
    try {
      const { pending, oldest } = await measureOutbox(this.#database)
      outboxPending.set(pending)
      outboxLagSeconds.set(oldest ? Math.max(0, (Date.now() - oldest.getTime()) / 1_000) : 0)
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
