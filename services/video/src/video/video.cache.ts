import type { Video } from '@fanone/contracts'
import { type CacheRedis, type Logger, VersionedCache, type VersionedRecord } from '@fanone/service-kit'
import type { VideoRow } from './video.entity.ts'
import { toVideo } from './video.mapping.ts'
import type { VideoRepository } from './video.repository.ts'

/** What is public of videos, as everybody reads it. Who changes a video reads its row, never this. */
export class VideoCache {
  readonly #cache: VersionedCache<number, Video>
  readonly #log: Logger

  constructor(options: { redis: CacheRedis; videos: Pick<VideoRepository, 'findWithDeleted'>; log: Logger }) {
    const { redis, videos, log } = options
    const load = async (ids: number[]) => toRecords(await videos.findWithDeleted(ids))
    this.#cache = new VersionedCache({ name: 'video:videos', redis, load, log })
    this.#log = log
  }

  /** In the order of the ids, each video once; what is not public is left out. */
  async read(ids: number[]): Promise<Video[]> {
    const unique = [...new Set(ids)]
    const found = await this.#cache.read(unique)
    return unique.flatMap((id) => found.get(id) ?? [])
  }

  /** Shows a video as it was just committed. Where Redis does not answer, the event of the change has it shown; nobody waits for that. */
  async show(row: VideoRow): Promise<void> {
    await this.#cache.write(toRecords([row])).catch((error) => {
      this.#log.warn({ err: error, videoId: row.id }, 'a changed video will be shown after its event')
    })
  }

  /** Makes sure that this version, or a newer one, is shown. @throws ServiceError `unavailable` where Redis does not answer */
  refresh(id: number, version: number): Promise<void> {
    return this.#cache.refresh(id, version)
  }
}

/** What was deleted is a record without a value, and newer than all with one. */
function toRecords(rows: VideoRow[]): Map<number, VersionedRecord<Video>> {
  return new Map(
    rows.map((row) => [row.id, { version: row.version, value: row.deletedAt === null ? toVideo(row) : undefined }]),
  )
}
