import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPictures } from '@fanone/pictures'
import {
  BoundedQueue,
  type CacheRedis,
  createLogger,
  type Database,
  openDatabase,
  type SensitiveWords,
} from '@fanone/service-kit'
import { createLocalStorage, mediaStoreFolder, type Storage, uploadKey } from '@fanone/storage'
import { AuthorRepository } from '../../services/video/src/author/author.repository.ts'
import { AuthorService } from '../../services/video/src/author/author.service.ts'
import { HiddenAuthors } from '../../services/video/src/author/hidden-authors.ts'
import { CoverService } from '../../services/video/src/cover/cover.service.ts'
import { database as definition } from '../../services/video/src/database.ts'
import { Janitor } from '../../services/video/src/janitor/janitor.ts'
import { MediaRemover } from '../../services/video/src/janitor/media-remover.ts'
import type { JobHandlers } from '../../services/video/src/jobs/job-handlers.ts'
import { JobQueue } from '../../services/video/src/jobs/job-queue.ts'
import { MediaWorker } from '../../services/video/src/jobs/media-worker.ts'
import { ResultRecorder } from '../../services/video/src/jobs/result-recorder.ts'
import { createMediaSandbox } from '../../services/video/src/media/media-sandbox.ts'
import { PublicationService } from '../../services/video/src/publication/publication.service.ts'
import { renditionHandlers } from '../../services/video/src/renditions/handlers.ts'
import { SearchRepository } from '../../services/video/src/search/search.repository.ts'
import { SearchService } from '../../services/video/src/search/search.service.ts'
import { SearchIndexer } from '../../services/video/src/search/search-indexer.ts'
import { makeClip } from '../../services/video/src/testing/clips.ts'
import { UploadRepository } from '../../services/video/src/upload/upload.repository.ts'
import { UploadService } from '../../services/video/src/upload/upload.service.ts'
import { UploadChunks } from '../../services/video/src/upload/upload-chunks.ts'
import { UploadJoins } from '../../services/video/src/upload/upload-joins.ts'
import { type UploadLimits, UploadQuotas } from '../../services/video/src/upload/upload-quotas.ts'
import { VideoCache } from '../../services/video/src/video/video.cache.ts'
import { VideoRepository } from '../../services/video/src/video/video.repository.ts'
import { VideoService } from '../../services/video/src/video/video.service.ts'
import { scratchCacheRedis } from '../support/scratch-cache.ts'
import { scratchDatabase } from '../support/scratch-database.ts'
import { port } from '../support/stack.ts'

const log = createLogger({ appId: 'test', level: 'fatal' })
const GRACE_MS = 60_000
const EXPIRY_MS = 3_600_000
const generous: UploadLimits = { unfinishedCount: 1_000, unfinishedBytes: 1024 ** 4, dayBytes: 1024 ** 4 }
const LEASE_MS = 1_000

export const newUploadId = () => randomBytes(16).toString('hex')
export const userWithId = (userId: number) => ({ userId, sessionId: 'test' })

/** Where the parts of the video service keep things. */
export interface Place {
  /** Name and user of the database, and name of the cache. */
  name: string
  password: string
  folder: string
  /** A local one in the folder without it. */
  storage?: Storage
}

interface PartsOptions {
  redis: CacheRedis
  /** What a list of sensitive words would say. */
  words?: Pick<SensitiveWords, 'check'> | undefined
  /** Quotas of uploads that differ from generous ones. */
  limits?: Partial<UploadLimits> | undefined
}

/** One instance of the parts of the video service. */
export async function openParts(
  { name, password, folder, storage = createLocalStorage({ rootDir: mediaStoreFolder(folder) }) }: Place,
  { redis, words = { check: (texts) => texts }, limits = {} }: PartsOptions,
) {
  const sandbox = await createMediaSandbox({ folder: join(folder, 'work') })
  const address = `127.0.0.1:${port(7001)}`
  const database = await openDatabase({ ...definition, address, name, user: name, password, poolSize: 10, log })
  const search = new SearchRepository(database)
  const authorRepository = new AuthorRepository(database)
  const hidden = new HiddenAuthors({ database })
  const authors = new AuthorService({
    authors: authorRepository,
    getProfiles: async ({ ids }) => ({ items: ids.map((id) => ({ id, username: `user${id}`, name: `Name ${id}` })) }),
    log,
  })
  const jobs = new JobQueue({ database, leaseMs: LEASE_MS, pauseMs: 1 })
  const uploadRows = new UploadRepository({ database })
  const videos = new VideoRepository({ database, search, authors: authorRepository, uploads: uploadRows, jobs })
  const cache = new VideoCache({ redis, videos, log })
  const remover = new MediaRemover({ storage, videos, uploads: uploadRows })
  const quotas = new UploadQuotas({ ...generous, ...limits })
  const uploads = new UploadService({ uploads: uploadRows, storage, remover, quotas, expiryMs: EXPIRY_MS })
  const limiter = new BoundedQueue(2)
  const pictures = await openPictures({ config: { FANONE_HOME: folder, PICTURE_JOBS: 1 }, storage, log })
  return {
    storage,
    database,
    videos,
    remover,
    uploadRows,
    uploads,
    chunks: new UploadChunks({ uploads, rows: uploadRows, storage, quotas }),
    joins: new UploadJoins({ uploads, rows: uploadRows, storage, remover }),
    publications: new PublicationService({
      ...{ videos, cache, authors, words, uploads, storage, remover, limiter, sandbox, jobs },
      renditions: 'all',
    }),
    jobs,
    /** @param handlers what is done instead of the real work */
    worker: (handlers: Partial<JobHandlers> = {}) =>
      new MediaWorker({
        ...{ queue: jobs, videos, storage, log, renewEveryMs: LEASE_MS / 4 },
        results: new ResultRecorder({ videos, cache, queue: jobs }),
        handlers: { ...renditionHandlers({ storage, sandbox, scratchFolder: join(folder, 'scratch') }), ...handlers },
      }),
    search: new SearchService({ search, cache }),
    indexer: new SearchIndexer({ search, authors, log }),
    authorRepository,
    hidden,
    covers: new CoverService({ videos, cache, pictures }),
    catalogue: new VideoService({ videos, cache, hidden, words, remover, jobs, log }),
    janitor: new Janitor({
      ...{ storage, videos, uploads: uploadRows, remover, jobs, log },
      graceMs: GRACE_MS,
      intervalMs: 3_600_000,
    }),
  }
}

/**
 * The parts of the video service over a database and a storage of their own, as many instances as a
 * test wants.
 *
 * @param options.storage an empty one, instead of a folder
 */
export async function videoParts(options: { storage?: Storage } = {}) {
  const scratch = await scratchDatabase()
  const password = randomBytes(12).toString('hex')
  await scratch.admin.query(`alter user '${scratch.name}'@'127.0.0.1' identified by '${password}'`)
  const folder = await mkdtemp(join(tmpdir(), 'fanone-video-'))
  const place: Place = { name: scratch.name, password, folder, ...options }
  const databases: Database[] = []
  const redis = await scratchCacheRedis(place.name)

  /**
   * @param words what a list of sensitive words would say
   * @param limits quotas of uploads that differ from generous ones
   */
  async function instance(words?: Pick<SensitiveWords, 'check'>, limits?: Partial<UploadLimits>) {
    const parts = await openParts(place, { redis, words, limits })
    databases.push(parts.database)
    return parts
  }

  const first = await instance()
  const { storage } = first
  return {
    ...first,
    instance,
    place,
    /** What a gateway over the same storage has as FANONE_HOME. */
    home: folder,
    clip: await makeClip(join(folder, 'clip.mp4'), { seconds: 1, audio: 'aac' }),

    /** Puts a file where the gateway puts uploads. */
    async upload(path: string): Promise<string> {
      const uploadId = newUploadId()
      await storage.put(uploadKey(uploadId), createReadStream(path))
      return uploadId
    },

    /** Makes an object older than the janitor's patience. */
    async age(key: string): Promise<void> {
      await storage.withLocalFile(key, (path) => utimes(path, 1, (Date.now() - 2 * GRACE_MS) / 1000))
    },

    /** The same for one that grows. */
    async ageGrowing(key: string): Promise<void> {
      await utimes(join(mediaStoreFolder(folder), '.growing', key), 1, (Date.now() - 2 * GRACE_MS) / 1000)
    },

    /** Every key in storage. */
    async keys(): Promise<string[]> {
      const keys: string[] = []
      for (const top of ['uploads', 'chunks', 'media']) for await (const { key } of storage.list(top)) keys.push(key)
      for await (const { key } of storage.growing.list('uploads')) keys.push(`growing ${key}`)
      return keys.sort()
    },

    /** The events in the outbox that tell of a video, oldest first. */
    async eventsOf(videoId: number): Promise<{ type: string; data: Record<string, unknown> }[]> {
      const rows = await databases[0]
        ?.em()
        .execute<{ type: string; data: string }[]>(
          'select type, data from outbox where aggregate_id = ? order by seq',
          [String(videoId)],
        )
      return (rows ?? []).map(({ type, data }) => ({ type, data: JSON.parse(data) }))
    },

    async close(): Promise<void> {
      for (const database of databases) await database.close()
      redis.disconnect()
      await scratch.drop()
      await rm(folder, { recursive: true })
    },
  }
}

export type VideoParts = Awaited<ReturnType<typeof videoParts>>
