import { type Database, type EntityManager, kysely } from '@fanone/service-kit'
import { LockMode } from '@mikro-orm/core'
import { VideoEntity, type VideoRow } from '../video/video.entity.ts'
import { replaceGrams, videoGrams } from './gram-table.ts'
import { searchText } from './grams.ts'
import { VideoSearchEntity } from './search.entity.ts'
import { countVideos, findVideos, type SearchConditions } from './search.queries.ts'

/** What can be found: the texts of public videos and their grams. */
export class SearchRepository {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Makes a public video found by what it says now; a part of the transaction that writes it. */
  async put(em: EntityManager, video: Pick<VideoRow, 'id' | 'authorId' | 'title' | 'description' | 'version'>) {
    const text = searchText(video.title, video.description)
    await replaceGrams(videoGrams(em, video.id), { old: await this.#textOf(em, video.id), new: text })
    const { id, authorId, version } = video
    await kysely<typeof VideoSearchEntity>(em)
      .insertInto('video_search')
      .values({ video_id: id, author_id: authorId, version, text })
      .onDuplicateKeyUpdate({ version, text })
      .execute()
  }

  /** Makes a video found no more; a part of the transaction that deletes it. */
  async remove(em: EntityManager, videoId: number): Promise<void> {
    await replaceGrams(videoGrams(em, videoId), { old: await this.#textOf(em, videoId), new: undefined })
    await em.nativeDelete(VideoSearchEntity, { videoId })
  }

  /** Ids, newest first. */
  async find(conditions: SearchConditions, page: { offset: number; limit: number }): Promise<number[]> {
    const rows = await findVideos(this.#database.em(), conditions, page)
    return rows.map(({ id }) => id)
  }

  count(conditions: SearchConditions): Promise<number> {
    return countVideos(this.#database.em(), conditions)
  }

  /**
   * Videos above `afterId` in id order with errors in their index: written by an older version of
   * this service, or before there was a search.
   */
  async compare(page: { afterId: number; limit: number }): Promise<{ id: number; isStale: boolean }[]> {
    const rows = await kysely<typeof VideoEntity | typeof VideoSearchEntity>(this.#database.em())
      .selectFrom('video as v')
      .leftJoin('video_search as s', 's.video_id', 'v.id')
      .select(['v.id', 'v.version', 'v.deleted_at as deletedAt', 's.version as foundVersion'])
      .where('v.id', '>', page.afterId)
      .orderBy('v.id')
      .limit(page.limit)
      .execute()
    return rows.map(({ id, version, deletedAt, foundVersion }) => ({
      id,
      isStale: foundVersion !== (deletedAt === null ? version : null),
    }))
  }

  /** Makes one video found by what it says now. */
  repair(videoId: number): Promise<void> {
    return this.#database.transaction(async (em) => {
      const video = await em.findOne(VideoEntity, { id: videoId }, { lockMode: LockMode.PESSIMISTIC_WRITE })
      if (video?.deletedAt === null) await this.put(em, video)
      else await this.remove(em, videoId)
    })
  }

  /**
   * Whoever writes this row has the video's own row locked. A lock here would hold the gap where
   * new videos are about to be inserted.
   */
  async #textOf(em: EntityManager, videoId: number): Promise<string | undefined> {
    const row = await em.findOne(VideoSearchEntity, { videoId }, { fields: ['text'], disableIdentityMap: true })
    return row?.text
  }
}
