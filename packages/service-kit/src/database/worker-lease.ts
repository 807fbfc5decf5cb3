import { randomUUID } from 'node:crypto'
import { ID_WORKER_COUNT } from '@fanone/contracts'
import type { Connection } from '@mikro-orm/core'
import { untraced } from '../background.ts'
import { ServiceError } from '../errors.ts'
import type { Logger } from '../log.ts'

const LEASE_MS = 30_000
const RENEW_MS = 8_000
const RETRY_MS = 1_000
/** Stop using a number this long before the server gives it away. */
const MARGIN_MS = 5_000

/**
 * Leases a worker number (0..31) for this process from the service's own database, so that two instances never make the same id.
 * The server's clock decides when a lease ends; this process counts from before it asked, on a clock that never jumps.
 */
export class WorkerLease {
  readonly #connection: Connection
  readonly #owner = randomUUID()
  readonly #log: Logger
  #worker = -1
  #usableUntil = 0
  #timer: NodeJS.Timeout | undefined
  #isReleased = false

  private constructor(connection: Connection, log: Logger) {
    this.#connection = connection
    this.#log = log
  }

  static async acquire(connection: Connection, log: Logger): Promise<WorkerLease> {
    const lease = new WorkerLease(connection, log)
    await lease.#take()
    lease.#renewIn(RENEW_MS)
    return lease
  }

  /** @throws ServiceError `unavailable` while the lease could not be renewed in time */
  get worker(): number {
    if (performance.now() > this.#usableUntil)
      throw new ServiceError('unavailable', { detail: 'no worker number is leased' })
    return this.#worker
  }

  async #take(): Promise<void> {
    for (let worker = 0; worker < ID_WORKER_COUNT; worker++) {
      const askedAt = performance.now()
      await this.#execute('insert ignore into worker_lease (worker, owner, expires_at) values (?, ?, "2000-01-01")', [
        worker,
        this.#owner,
      ])
      const taken = await this.#execute(
        'update worker_lease set owner = ?, expires_at = now(3) + interval ? second where worker = ? and expires_at < now(3)',
        [this.#owner, LEASE_MS / 1000, worker],
      )
      if (taken === 1) {
        this.#worker = worker
        this.#usableUntil = askedAt + LEASE_MS - MARGIN_MS
        return
      }
    }
    throw new Error(`all ${ID_WORKER_COUNT} worker numbers are taken`)
  }

  #renewIn(ms: number): void {
    if (this.#isReleased) return
    this.#timer = setTimeout(() => void untraced(() => this.#renew()), ms).unref()
  }

  async #renew(): Promise<void> {
    const askedAt = performance.now()
    try {
      const renewed = await this.#execute(
        'update worker_lease set expires_at = now(3) + interval ? second where worker = ? and owner = ? and expires_at > now(3)',
        [LEASE_MS / 1000, this.#worker, this.#owner],
      )
      if (renewed === 1) this.#usableUntil = askedAt + LEASE_MS - MARGIN_MS
      else await this.#take()
      this.#renewIn(RENEW_MS)
    } catch (error) {
      this.#log.warn({ err: error }, 'the worker number could not be renewed')
      this.#renewIn(RETRY_MS)
    }
  }

  async release(): Promise<void> {
    clearTimeout(this.#timer)
    this.#isReleased = true
    this.#usableUntil = 0
    await this.#execute('update worker_lease set expires_at = "2000-01-01" where worker = ? and owner = ?', [
      this.#worker,
      this.#owner,
    ]).catch((error) => this.#log.warn({ err: error }, 'the worker number could not be given back'))
  }

  async #execute(sql: string, parameters: unknown[]): Promise<number> {
    const result = await this.#connection.execute(sql, parameters, 'run')
    return (result as { affectedRows: number }).affectedRows
  }
}
