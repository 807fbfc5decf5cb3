import type { EventContract, EventData } from '@fanone/contracts'
import { idTimeMs } from '@fanone/contracts'
import {
  addToOutbox,
  type Database,
  type Db,
  type EntityManager,
  expressionsOver,
  type Param,
  prepare,
  runOnce,
  ServiceError,
} from '@fanone/service-kit'
import { LockMode, type RequiredEntityData, UniqueConstraintViolationException } from '@mikro-orm/core'
import type { AuthorEntity } from '../author/author.entity.ts'
import type { AuthorRepository } from '../author/author.repository.ts'
import type { JobQueue, TakenJob } from '../jobs/job-queue.ts'
import type { JobKind } from '../jobs/media-job.entity.ts'
import type { SearchRepository } from '../search/search.repository.ts'
import type { UploadRepository } from '../upload/upload.repository.ts'
import { type CataloguedVideo, VideoEntity, type VideoRow } from './video.entity.ts'

/** A video before it has an id; ready unless it says otherwise. */
export type NewVideo = Pick<
  VideoRow,
  | 'authorId'
  | 'uploadId'
  | 'title'
  | 'description'
  | 'videoKey'
  | 'coverKey'
  | 'durationMs'
  | 'width'
  | 'height'
  | 'sizeBytes'
> &
  Partial<Pick<VideoRow, 'state'>>

/** What happens with rows inside one transaction. */
export interface VideoTransaction {
  /** Inserts a video, to be found from then on; it is created at the time in its new id. */
  insert(video: NewVideo): Promise<VideoRow>
  /** Loads a video that is not deleted and keeps others from changing it. */
  lock(id: number): Promise<VideoRow | null>
  /** The same for a video that may be deleted. */
  lockWithDeleted(id: number): Promise<VideoRow | null>
  /** Makes a video found by what it says now. */
  index(video: VideoRow): Promise<void>
  /** Makes a video found no more. */
  unindex(id: number): Promise<void>
  /** Says of an upload that it became a video, if it has a row. */
  closeUpload(uploadId: string): Promise<void>
  /** Has something made of a video that is inserted here. */
  addJob(job: { videoId: number; kind: JobKind }): Promise<void>
  /** Has nothing more made of a video. */
  dropJobs(videoId: number): Promise<void>
  /** Ends a job by its result. @returns false where it is somebody else's by now */
  finishJob(job: TakenJob): Promise<boolean>
  /** Ends a job without one. @returns the same */
  giveUpJob(job: TakenJob, reason: string): Promise<boolean>
  /** Commits an event with the change it tells of. */
  emit<Event extends EventContract>(event: Event, data: EventData<Event>): void
}

export class VideoRepository {
  readonly #database: Database
  readonly #search: SearchRepository
  readonly #authors: AuthorRepository
  readonly #uploads: UploadRepository
  readonly #jobs: JobQueue

  constructor(options: {
    database: Database
    search: SearchRepository
    authors: AuthorRepository
    uploads: UploadRepository
    jobs: JobQueue
  }) {
    this.#jobs = options.jobs
    this.#database = options.database
    this.#search = options.search
    this.#authors = options.authors
    this.#uploads = options.uploads
  }

  /** Runs `work` in one transaction; again from the start after a deadlock. */
  transaction<Result>(work: (transaction: VideoTransaction) => Promise<Result>): Promise<Result> {
    return this.#database.transaction((em) =>
      work({
        insert: (video) => this.#insert(em, video),
        lock: (id) => em.findOne(VideoEntity, { id, deletedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE }),
        lockWithDeleted: (id) => em.findOne(VideoEntity, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE }),
        index: (video) => this.#search.put(em, video),
        unindex: (id) => this.#search.remove(em, id),
        closeUpload: (uploadId) => this.#uploads.close(em, uploadId),
        addJob: (job) => this.#jobs.add(em, job),
        dropJobs: (videoId) => this.#jobs.dropAll(em, videoId),
        finishJob: (job) => this.#jobs.finish(em, job),
        giveUpJob: (job, reason) => this.#jobs.giveUp(em, job, reason),
        emit: (event, data) => addToOutbox(this.#database, em, event, data),
      }),
    )
  }

  /** What there is of these ids, deleted videos included, in no particular order. */
  findWithDeleted(ids: number[]): Promise<VideoRow[]> {
    return this.#database.em().find(VideoEntity, { id: ids }, { disableIdentityMap: true })
  }

  /** An author's videos, newest first, those below `beforeId` only. */
  async findByAuthor(query: {
    authorId: number
    beforeId?: number | undefined
    limit: number
  }): Promise<CataloguedVideo[]> {
    const { beforeId = Number.MAX_SAFE_INTEGER, ...rest } = query
    return (await listByAuthor(this.#database.em(), { beforeId, offset: 0, ...rest })).rows
  }

  /** One page of an author's videos, newest first, and how many there are in all. */
  async findPageByAuthor(query: {
    authorId: number
    offset: number
    limit: number
  }): Promise<[CataloguedVideo[], number]> {
    const em = this.#database.em()
    const [{ rows }, counted] = await Promise.all([
      listByAuthor(em, { ...query, beforeId: Number.MAX_SAFE_INTEGER }),
      countByAuthor(em, query),
    ])
    return [rows, counted.rows[0]?.total ?? 0]
  }

  /** Public videos above `afterId` in id order. */
  walk(query: { afterId: number; limit: number }): Promise<VideoRow[]> {
    return this.#database
      .em()
      .find(
        VideoEntity,
        { id: { $gt: query.afterId }, deletedAt: null },
        { orderBy: { id: 'asc' }, limit: query.limit, disableIdentityMap: true },
      )
  }

  /** What became of an upload, deleted videos included. */
  findByUpload(uploadId: string): Promise<VideoRow | null> {
    return this.#database.em().findOne(VideoEntity, { uploadId }, { disableIdentityMap: true })
  }

  /** Keeps, for a day, why an upload was refused: its file is gone when the call is repeated. */
  async rememberRefusal(upload: { authorId: number; uploadId: string }, reason: string): Promise<void> {
    await runOnce(this.#database, refusalOf(upload), async () => ({ reason }))
  }

  /** Why an upload was refused. @throws ServiceError `upload_not_found` where it was not */
  async findRefusal(upload: { authorId: number; uploadId: string }): Promise<string> {
    const { reason } = await runOnce(this.#database, refusalOf(upload), async (): Promise<{ reason: string }> => {
      throw new ServiceError('upload_not_found')
    })
    return reason
  }

  /** Which of the uploads became videos, deleted ones included, by upload. */
  async findUploads(uploadIds: string[]): Promise<Map<string, VideoRow>> {
    const rows = await this.#database.em().find(VideoEntity, { uploadId: uploadIds }, { disableIdentityMap: true })
    return new Map(rows.map((row) => [row.uploadId, row]))
  }

  /** A video that is not deleted. */
  findPublic(id: number): Promise<VideoRow | null> {
    return this.#database.em().findOne(VideoEntity, { id, deletedAt: null }, { disableIdentityMap: true })
  }

  /**
   * Runs `work` unless a public video was made of the upload; none can appear while it runs, in
   * whatever instance: reading a missing row for update locks the gap that an insert would need
   * (InnoDB, REPEATABLE READ).
   *
   * @returns whether it ran
   */
  whileUnpublished(uploadId: string, work: () => Promise<void>): Promise<boolean> {
    return this.whileLocked(uploadId, async (row) => {
      if (row && row.deletedAt === null) return false
      await work()
      return true
    })
  }

  /** Runs `work` with the video of an upload, which nobody changes meanwhile. */
  whileLocked<Result>(uploadId: string, work: (video: VideoRow | null) => Promise<Result>): Promise<Result> {
    return this.#database.transaction(async (em) =>
      work(await em.findOne(VideoEntity, { uploadId }, { lockMode: LockMode.PESSIMISTIC_WRITE })),
    )
  }

  async #insert(em: EntityManager, video: NewVideo): Promise<VideoRow> {
    const id = this.#database.newId()
    const createdAt = new Date(idTimeMs(id))
    const row: RequiredEntityData<VideoRow> = {
      state: 'ready',
      ...video,
      sourceKey: video.videoKey,
      reason: '',
      hlsKey: '',
      storyboardKey: '',
      id,
      version: 1,
      createdAt,
      updatedAt: createdAt,
      deletedAt: null,
    }
    const inserted = em.create(VideoEntity, row)
    await em.persist(inserted).flush()
    await this.#search.put(em, inserted)
    await this.#authors.remember(em, inserted.authorId)
    return inserted
  }
}

const catalogued = [
  'id',
  'author_id as authorId',
  'title',
  'description',
  'video_key as videoKey',
  'cover_key as coverKey',
  'duration_ms as durationMs',
  'width',
  'height',
  'size_bytes as sizeBytes',
  'state',
  'reason',
  'hls_key as hlsKey',
  'storyboard_key as storyboardKey',
  'version',
  'created_at as createdAt',
  'updated_at as updatedAt',
] as const

/** The condition that an author is not hidden: nobody is shown what hidden ones have. */
function isAuthorShown(authorId: number) {
  const { exists, not, selectFrom } = expressionsOver<typeof AuthorEntity>()
  return not(
    exists(selectFrom('author').select('author.id').where('author.id', '=', authorId).where('is_hidden', '=', 1)),
  )
}

const listByAuthor = prepare(
  (db: Db<typeof VideoEntity>, param: Param<{ authorId: number; beforeId: number; offset: number; limit: number }>) =>
    db
      .selectFrom('video')
      .select(catalogued)
      .where(isAuthorShown(param(({ authorId }) => authorId)))
      .where(
        'author_id',
        '=',
        param(({ authorId }) => authorId),
      )
      .where('deleted_at', 'is', null)
      .where(
        'id',
        '<',
        param(({ beforeId }) => beforeId),
      )
      .orderBy('id', 'desc')
      .limit(param(({ limit }) => limit))
      .offset(param(({ offset }) => offset)),
)

const countByAuthor = prepare((db: Db<typeof VideoEntity>, param: Param<{ authorId: number }>) =>
  db
    .selectFrom('video')
    .where(isAuthorShown(param(({ authorId }) => authorId)))
    .select(({ fn }) => fn.countAll<number>().as('total'))
    .where(
      'author_id',
      '=',
      param(({ authorId }) => authorId),
    )
    .where('deleted_at', 'is', null),
)

const refusalOf = ({ authorId, uploadId }: { authorId: number; uploadId: string }) => ({
  operation: 'videos.publish',
  identity: undefined,
  key: `${authorId}/${uploadId}`,
  input: {},
})

/** Whether an insert failed because the upload is published already. */
export function isAlreadyPublished(error: unknown): boolean {
  return error instanceof UniqueConstraintViolationException
}
