import type { Video } from '@fanone/contracts'
import { type CacheRedis, type Logger, VersionedCache, type VersionedRecord } from '@fanone/service-kit'
import type { VideoRow } from './video.entity.ts'
import { toVideo } from './video.mapping.ts'
import type { VideoRepository } from './video.repository.ts'

/**
 * What is public of videos, as everybody reads it. Who changes a video reads its row, never this.
 */
export class VideoCache {
  readonly #cache: VersionedCache<number, Video>

  constructor(options: { redis: CacheRedis; videos: Pick<VideoRepository, 'findWithDeleted'>; log: Logger }) {
    const { redis, videos, log } = options
    const load = async (ids: number[]) =>
      new Map((await videos.findWithDeleted(ids)).map((row) => [row.id, toRecord(row)]))
    this.#cache = new VersionedCache({ name: 'video:videos', redis, load, log })
  }

  /** In the order of the ids, each video once; what is not public is left out. */
  read(ids: number[]): Promise<Video[]> {
    return this.#cache.list(ids)
  }

  /**
   * Shows a video as it was just committed. Where Redis does not answer, the event of the change
   * has it shown; nobody waits for that.
   */
  show(row: VideoRow): Promise<void> {
    return this.#cache.show(row.id, toRecord(row))
  }

  /**
   * Makes sure that this version, or a newer one, is shown.
   *
   * @throws ServiceError `unavailable` where Redis does not answer
   */
  refresh(id: number, version: number): Promise<void> {
    return this.#cache.refresh(id, version)
  }
}

/** What was deleted is a record without a value, and newer than all with one. */
function toRecord(row: VideoRow): VersionedRecord<Video> {
  return { version: row.version, value: row.deletedAt === null ? toVideo(row) : undefined }
}
