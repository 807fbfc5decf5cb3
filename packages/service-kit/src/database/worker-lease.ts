import { randomUUID } from 'node:crypto'
import { ID_WORKER_COUNT } from '@fanone/contracts'
import type { EntityManager } from '@mikro-orm/mysql'
import { type RawBuilder, sql } from 'kysely'
import { untraced } from '../background.ts'
import { ServiceError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { kysely } from './kysely.ts'
import type { WorkerLeaseEntity } from './worker-lease.entity.ts'

const LEASE_MS = 30_000
const RENEW_MS = 8_000
const RETRY_MS = 1_000
/** Stop using a number this long before the server gives it away. */
const MARGIN_MS = 5_000

/** By the server's clock, like the end of the lease. */
const now = sql<Date>`utc_timestamp(3)`
const afterLease = sql<Date>`utc_timestamp(3) + interval ${LEASE_MS / 1_000} second`
/** Of a lease that has ended. */
const OVER = new Date('2000-01-01')

/**
 * Leases a worker number (0..31) from the service's own database, so that two instances never make
 * the same id. The server's clock decides when a lease ends; this process counts from before its
 * request, on a monotonic clock.
 */
export class WorkerLease {
  readonly #em: EntityManager
  readonly #owner = randomUUID()
  readonly #log: Logger
  #worker = -1
  #usableUntil = 0
  #timer: NodeJS.Timeout | undefined
  #isReleased = false

  private constructor(em: EntityManager, log: Logger) {
    this.#em = em
    this.#log = log
  }

  static async acquire(em: EntityManager, log: Logger): Promise<WorkerLease> {
    const lease = new WorkerLease(em, log)
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
      await this.#leases
        .insertInto('worker_lease')
        .ignore()
        .values({ worker, owner: this.#owner, expires_at: OVER })
        .execute()
      const { numUpdatedRows } = await this.#leases
        .updateTable('worker_lease')
        .set({ owner: this.#owner, expires_at: afterLease })
        .where('worker', '=', worker)
        .where('expires_at', '<', now)
        .executeTakeFirst()
      if (numUpdatedRows === 1n) {
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
      const { numUpdatedRows } = await this.#own({ expires_at: afterLease })
        .where('expires_at', '>', now)
        .executeTakeFirst()
      if (numUpdatedRows === 1n) this.#usableUntil = askedAt + LEASE_MS - MARGIN_MS
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
    try {
      await this.#own({ expires_at: OVER }).execute()
    } catch (error) {
      this.#log.warn({ err: error }, 'the worker number could not be released')
    }
  }

  get #leases() {
    return kysely<typeof WorkerLeaseEntity>(this.#em)
  }

  #own(change: { expires_at: Date | RawBuilder<Date> }) {
    return this.#leases
      .updateTable('worker_lease')
      .set(change)
      .where('worker', '=', this.#worker)
      .where('owner', '=', this.#owner)
  }
}
