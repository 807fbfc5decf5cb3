import { setTimeout as delay } from 'node:timers/promises'
import type { InferEntity } from '@mikro-orm/core'
import { untraced } from '../background.ts'
import type { Logger } from '../log.ts'
import { outboxLagSeconds, outboxPending, outboxPublished } from '../metrics.ts'
import type { Sidecar } from '../sidecar.ts'
import type { Database } from './database.ts'
import { withServerLock } from './server-lock.ts'
import { OutboxMessage } from './tables.ts'

type OutboxRow = InferEntity<typeof OutboxMessage>

const BATCH_SIZE = 1_000
const IDLE_POLL_MS = 500
const MEASURE_EVERY_MS = 1_000
const PUBSUB = 'pubsub'

/**
 * Publishes the outbox through Dapr, oldest first. One relay of a service works at a time (a lock of the MySQL server that ends
 * with its connection), so events of one aggregate keep their order. A row is deleted only after the broker has it: a crash in
 * between publishes it again, with the same id, and the receivers' inboxes drop the second one.
 */
export class OutboxRelay {
  readonly #database: Database
  readonly #sidecar: Sidecar
  readonly #log: Logger
  readonly #appId: string
  readonly #stopping = new AbortController()
  #wake: () => void = () => {}
  #measuring: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: { database: Database; sidecar: Sidecar; log: Logger; appId: string }) {
    this.#database = options.database
    this.#sidecar = options.sidecar
    this.#log = options.log
    this.#appId = options.appId
    this.#database.onCommit = () => this.#wake()
  }

  start(): void {
    this.#running = untraced(() => this.#run())
    // Beside the publishing, because a publication that hangs is what these numbers are to show.
    this.#measuring = setInterval(() => void untraced(() => this.#measureLag()), MEASURE_EVERY_MS).unref()
  }

  /** Publishes what is left, as far as that goes within `timeoutMs`, and ends. */
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
        const published = await this.#publishBatch()
        failures = 0
        if (published > 0) continue
        if (this.#stopping.signal.aborted) return
        await this.#sleep(IDLE_POLL_MS)
      } catch (error) {
        failures++
        this.#log.warn({ err: error, failures }, 'the outbox could not be published; trying again')
        if (this.#stopping.signal.aborted) return
        await this.#sleep(Math.min(100 * 2 ** failures, 5_000))
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

  async #publishBatch(): Promise<number> {
    const [waiting] = await this.#database.em().execute('select seq from outbox limit 1')
    if (!waiting) return 0
    let published = 0
    await withServerLock(this.#database.orm, { name: 'outbox', waitSeconds: 0 }, async () => {
      const rows = await this.#database.em().find(OutboxMessage, {}, { orderBy: { seq: 'asc' }, limit: BATCH_SIZE })
      for (const run of cutIntoRuns(rows)) {
        await this.#publish(run)
        await this.#database.em().nativeDelete(OutboxMessage, { seq: run.map((row) => row.seq) })
        published += run.length
      }
    })
    return published
  }

  /** Never counts more than it needs to tell that it is many. */
  async #measureLag(): Promise<void> {
    try {
      const em = this.#database.em()
      const oldest = await em.findOne(
        OutboxMessage,
        { seq: { $gt: 0 } },
        { orderBy: { seq: 'asc' }, fields: ['createdAt'] },
      )
      const [row] = await em.execute<{ pending: number }[]>(
        'select count(*) as pending from (select 1 from outbox limit 100000) as capped',
      )
      outboxPending.set(Number(row?.pending ?? 0))
      outboxLagSeconds.set(oldest ? Math.max(0, (Date.now() - oldest.createdAt.getTime()) / 1_000) : 0)
    } catch (error) {
      this.#log.debug({ err: error }, 'the outbox could not be measured')
    }
  }

  async #publish(rows: OutboxRow[]): Promise<void> {
    const topic = (rows[0] as OutboxRow).topic
    await this.#sidecar.json({
      method: 'POST',
      path: `/v1.0/publish/bulk/${PUBSUB}/${topic}`,
      body: rows.map((row) => this.#toEntry(row)),
      timeoutMs: 30_000,
    })
    outboxPublished.inc({ topic }, rows.length)
  }

  #toEntry(row: OutboxRow) {
    const traceId = row.traceparent?.split('-')[1]
    return {
      entryId: String(row.seq),
      contentType: 'application/cloudevents+json',
      metadata: { partitionKey: String(row.aggregateId) },
      event: {
        specversion: '1.0',
        id: String(row.id),
        source: this.#appId,
        type: row.type,
        subject: String(row.aggregateId),
        time: row.createdAt.toISOString(),
        datacontenttype: 'application/json',
        data: JSON.parse(row.data),
        // Dapr replaces traceparent unless traceid is there too (components-contrib pubsub/envelope.go).
        ...(row.traceparent ? { traceparent: row.traceparent, traceid: traceId } : {}),
      },
    }
  }
}

/**
 * Cuts rows into runs that are published one after the other: one topic each, because a bulk publish goes to one topic, and no aggregate
 * twice, because a bulk publish can fail for an earlier event and succeed for a later one (a broker that comes back meanwhile), which
 * would turn them round.
 */
export function cutIntoRuns<Row extends { topic: string; aggregateId: number }>(rows: Row[]): Row[][] {
  const runs: Row[][] = []
  let topic: string | undefined
  let aggregates = new Set<number>()
  for (const row of rows) {
    if (row.topic !== topic || aggregates.has(row.aggregateId)) {
      runs.push([])
      topic = row.topic
      aggregates = new Set()
    }
    runs.at(-1)?.push(row)
    aggregates.add(row.aggregateId)
  }
  return runs
}
