import { randomBytes } from 'node:crypto'
import { type Database, type EntityManager, kysely, sql } from '@fanone/service-kit'
import type { JobKind, MediaJobEntity } from './media-job.entity.ts'

/** How long a taker may be silent before others may take its job. */
const LEASE_MS = 15_000
/** Attempts that fail are followed by a pause, twice as long each time. */
const FIRST_PAUSE_MS = 10_000

/** By the server's clock, which all instances share. */
const now = sql<Date>`utc_timestamp(3)`
const after = (ms: number) => sql<Date>`utc_timestamp(3) + interval ${ms * 1_000} microsecond`

/** A job that was taken; whoever has its lease may finish it. */
export interface TakenJob {
  id: number
  videoId: number
  kind: JobKind
  /** This one included. */
  attempts: number
  lease: string
}

/** What waits. */
export interface QueueState {
  length: number
  /** How long the oldest has been there; 0 for an empty queue. */
  oldestSeconds: number
}

/**
 * Jobs in a table, so that they commit with what they belong to. Any number of instances take them,
 * each job one at a time: a lease ends when its taker does not renew it, and who has lost it can
 * finish nothing.
 */
export class JobQueue {
  readonly #database: Database
  readonly #leaseMs: number
  readonly #pauseMs: number
  /** Called after a job was added here; whatever works on jobs may begin. */
  onAdded: () => void = () => {}

  constructor(options: { database: Database; leaseMs?: number; pauseMs?: number }) {
    this.#database = options.database
    this.#leaseMs = options.leaseMs ?? LEASE_MS
    this.#pauseMs = options.pauseMs ?? FIRST_PAUSE_MS
  }

  /** Adds a job within a transaction. The same job twice is one. */
  async add(em: EntityManager, job: { videoId: number; kind: JobKind }): Promise<void> {
    await jobs(em)
      .insertInto('media_job')
      .ignore()
      .values({
        id: this.#database.newId(),
        video_id: job.videoId,
        kind: job.kind,
        is_given_up: 0,
        attempts: 0,
        progress: 0,
        available_at: now,
        lease: '',
        reason: '',
        created_at: now,
      })
      .execute()
  }

  /** Forgets all that was to be made of a video, within a transaction. */
  async dropAll(em: EntityManager, videoId: number): Promise<void> {
    await jobs(em).deleteFrom('media_job').where('video_id', '=', videoId).execute()
  }

  /** Takes the job that has waited longest; undefined where none waits. */
  take(): Promise<TakenJob | undefined> {
    return this.#database.transaction(async (em) => {
      const row = await jobs(em)
        .selectFrom('media_job')
        .select(['id', 'video_id', 'kind', 'attempts'])
        .where('is_given_up', '=', 0)
        .where('available_at', '<=', now)
        .orderBy('available_at')
        .orderBy('id')
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst()
      if (!row) return undefined
      const lease = randomBytes(16).toString('hex')
      const attempts = row.attempts + 1
      await jobs(em)
        .updateTable('media_job')
        .set({ lease, attempts, progress: 0, available_at: after(this.#leaseMs) })
        .where('id', '=', row.id)
        .execute()
      return { id: row.id, videoId: row.video_id, kind: row.kind, attempts, lease }
    })
  }

  /** Renews the lease. @returns false where somebody else has the job, or it is gone */
  async renew(job: TakenJob, progress: number): Promise<boolean> {
    const change = held(this.#database.em(), job).set({ available_at: after(this.#leaseMs), progress })
    return (await change.executeTakeFirst()).numUpdatedRows === 1n
  }

  /**
   * Removes a job in the transaction of its result.
   *
   * @returns false where it is somebody else's now, whose result counts
   */
  async finish(em: EntityManager, job: TakenJob): Promise<boolean> {
    const { numDeletedRows } = await jobs(em)
      .deleteFrom('media_job')
      .where('id', '=', job.id)
      .where('lease', '=', job.lease)
      .executeTakeFirst()
    return numDeletedRows === 1n
  }

  /** Puts a job back that was not at fault, as if it had not been taken. */
  async putBack(job: TakenJob): Promise<void> {
    await held(this.#database.em(), job)
      .set({ attempts: job.attempts - 1, available_at: now, lease: '' })
      .execute()
  }

  /** Has a job tried again after a pause. */
  async retryLater(job: TakenJob, reason: string): Promise<void> {
    const available_at = after(this.#pauseMs * 2 ** (job.attempts - 1))
    await held(this.#database.em(), job).set({ available_at, lease: '', reason }).execute()
  }

  /**
   * Keeps a job only to show why nobody will try it again.
   *
   * @returns false where it is somebody else's
   */
  async giveUp(em: EntityManager, job: TakenJob, reason: string): Promise<boolean> {
    const change = held(em, job).set({ is_given_up: 1, lease: '', reason })
    return (await change.executeTakeFirst()).numUpdatedRows === 1n
  }

  /** How far the jobs of some videos are, in percent, by the id of the video. */
  async progressOf(videoIds: number[], kind: JobKind): Promise<Map<number, number>> {
    if (videoIds.length === 0) return new Map()
    const rows = await jobs(this.#database.em())
      .selectFrom('media_job')
      .select(['video_id', 'progress'])
      .where('video_id', 'in', videoIds)
      .where('kind', '=', kind)
      .execute()
    return new Map(rows.map((row) => [row.video_id, row.progress]))
  }

  /** Whether somebody works on a video, or will. */
  async isBusy(videoId: number): Promise<boolean> {
    const row = await jobs(this.#database.em())
      .selectFrom('media_job')
      .select('id')
      .where('video_id', '=', videoId)
      .where('is_given_up', '=', 0)
      .executeTakeFirst()
    return row !== undefined
  }

  async state(): Promise<QueueState> {
    const row = await jobs(this.#database.em())
      .selectFrom('media_job')
      .select(({ fn }) => [
        fn.countAll<number>().as('length'),
        sql<number | null>`timestampdiff(second, min(created_at), utc_timestamp(3))`.as('oldest'),
      ])
      .where('is_given_up', '=', 0)
      .executeTakeFirst()
    return { length: Number(row?.length ?? 0), oldestSeconds: Number(row?.oldest ?? 0) }
  }
}

const jobs = (em: EntityManager) => kysely<typeof MediaJobEntity>(em)

/** A job whose lease is still its taker's. */
const held = (em: EntityManager, { id, lease }: TakenJob) =>
  jobs(em).updateTable('media_job').where('id', '=', id).where('lease', '=', lease)
