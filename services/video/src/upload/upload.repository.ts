import type { UploadState } from '@fanone/contracts'
import { type Database, type EntityManager, kysely } from '@fanone/service-kit'
import { LockMode } from '@mikro-orm/core'
import { UploadChunkEntity, UploadEntity, type UploaderEntity, type UploadRow } from './upload.entity.ts'

/** The states whose bytes are kept. */
const LIVE: UploadState[] = ['receiving', 'finished']

/** What an upload is joined from, in order. */
export const partIdsOf = ({ partIds }: Pick<UploadRow, 'partIds'>) => (partIds === '' ? [] : partIds.split(' '))

/** An upload that begins. */
export type NewUpload = Pick<UploadRow, 'id' | 'ownerId' | 'kind' | 'sizeBytes' | 'metadata' | 'expiresAt'> &
  Partial<Pick<UploadRow, 'state' | 'sha256' | 'partIds' | 'chunkCount' | 'lockedBy' | 'lockedUntil'>>

/** What a user has under way. */
export interface UploadUsage {
  unfinishedCount: number
  unfinishedBytes: number
  /** Since a day ago; parts count, what is joined from them does not. */
  dayBytes: number
  /** Parts that are in a joined upload, or are about to be. */
  joinedPartIds: string[]
}

export class UploadRepository {
  readonly #database: Database

  constructor(options: { database: Database }) {
    this.#database = options.database
  }

  find(id: string): Promise<UploadRow | null> {
    return this.#database.em().findOne(UploadEntity, { id }, { disableIdentityMap: true })
  }

  /** Rows of these ids whose bytes are kept, in no particular order. */
  findLive(ids: string[]): Promise<UploadRow[]> {
    return this.#database.em().find(UploadEntity, { id: ids, state: LIVE }, { disableIdentityMap: true })
  }

  /**
   * Inserts an upload, while no other of the same user begins.
   *
   * @param check throws where the user has too much under way
   * @returns the row of this id, which may have been there before
   */
  insert(upload: NewUpload, check: (usage: UploadUsage) => void): Promise<UploadRow> {
    return this.#database.transaction(async (em) => {
      await kysely<typeof UploaderEntity>(em)
        .insertInto('uploader')
        .values({ id: upload.ownerId })
        // Locks the row for writing at once; INSERT IGNORE would share it first, and two meet.
        .onDuplicateKeyUpdate({ id: upload.ownerId })
        .execute()
      const existing = await em.findOne(UploadEntity, { id: upload.id })
      if (existing) return existing
      check(await this.#usageOf(em, upload.ownerId))
      const row = em.create(UploadEntity, {
        state: 'receiving',
        sha256: '',
        partIds: '',
        chunkCount: 0,
        lockedBy: null,
        lockedUntil: null,
        isWanted: false,
        createdAt: new Date(),
        ...upload,
      })
      await em.persist(row).flush()
      return row
    })
  }

  /**
   * Records a chunk and puts it in its place, while no other of the same upload comes.
   *
   * @param steps.check throws where the upload with this chunk is too much
   * @returns false where the upload takes no chunks any more
   */
  addChunk(
    chunk: { id: string; number: number; sizeBytes: number },
    steps: { check: (others: UploadUsage, totalBytes: number) => void; place: () => Promise<void> },
  ): Promise<boolean> {
    return this.#database.transaction(async (em) => {
      const row = await em.findOneOrFail(UploadEntity, { id: chunk.id }, { lockMode: LockMode.PESSIMISTIC_WRITE })
      if (row.state !== 'receiving') return false
      const others = await em.find(UploadChunkEntity, { uploadId: chunk.id, number: { $ne: chunk.number } })
      const totalBytes = others.reduce((sum, { sizeBytes }) => sum + sizeBytes, chunk.sizeBytes)
      steps.check(await this.#usageOf(em, row.ownerId, row.id), totalBytes)
      await em.upsert(UploadChunkEntity, { uploadId: chunk.id, number: chunk.number, sizeBytes: chunk.sizeBytes })
      row.sizeBytes = totalBytes
      await em.flush()
      await steps.place()
      return true
    })
  }

  /** Numbers of the chunks that have arrived, in order. */
  async chunkNumbers(uploadId: string): Promise<number[]> {
    const rows = await this.#database
      .em()
      .find(UploadChunkEntity, { uploadId }, { orderBy: { number: 'asc' }, disableIdentityMap: true })
    return rows.map(({ number }) => number)
  }

  /** @param exceptId an upload that does not count */
  async #usageOf(em: EntityManager, ownerId: number, exceptId = ''): Promise<UploadUsage> {
    const dayAgo = new Date(Date.now() - 86_400_000)
    const rows = await em.find(
      UploadEntity,
      { ownerId, id: { $ne: exceptId }, $or: [{ state: LIVE }, { createdAt: { $gt: dayAgo } }] },
      { fields: ['kind', 'state', 'sizeBytes', 'createdAt', 'partIds'] },
    )
    const unfinished = rows.filter(({ state }) => LIVE.includes(state))
    const bytesOf = (some: { sizeBytes: number }[]) => some.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return {
      unfinishedCount: unfinished.length,
      unfinishedBytes: bytesOf(unfinished),
      dayBytes: bytesOf(rows.filter(({ createdAt, kind }) => createdAt > dayAgo && kind !== 'joined')),
      joinedPartIds: unfinished.flatMap(({ partIds }) => partIdsOf({ partIds })),
    }
  }

  /**
   * Gives the lock of an upload that receives bytes to `token`, unless another one holds it, who is
   * told then that somebody wants it.
   *
   * @returns whether `token` has it now
   */
  async lock(id: string, token: string, untilMs: number): Promise<boolean> {
    const now = new Date()
    const upload = () => this.#update().where('id', '=', id).where('state', '=', 'receiving')
    const taken = await upload()
      .set({ locked_by: token, locked_until: new Date(untilMs), is_wanted: 0 })
      .where((by) => by.or([by('locked_by', 'is', null), by('locked_by', '=', token), by('locked_until', '<', now)]))
      .executeTakeFirst()
    if (taken.numUpdatedRows > 0n) return true
    await upload().set({ is_wanted: 1 }).executeTakeFirst()
    return false
  }

  /** Makes a lock last longer, if it is still held. */
  async keepLock(id: string, token: string, untilMs: number): Promise<{ isLocked: boolean; isWanted: boolean }> {
    await this.#update()
      .set({ locked_until: new Date(untilMs) })
      .where('id', '=', id)
      .where('locked_by', '=', token)
      .executeTakeFirst()
    const row = await this.find(id)
    return { isLocked: row?.lockedBy === token, isWanted: row?.isWanted ?? false }
  }

  async unlock(id: string, token: string): Promise<void> {
    await this.#update()
      .set({ locked_by: null, locked_until: null, is_wanted: 0 })
      .where('id', '=', id)
      .where('locked_by', '=', token)
      .executeTakeFirst()
  }

  /** Changes the state of an upload that has one of these. @returns whether it did */
  async setState(id: string, from: UploadState[], state: UploadState, sizeBytes?: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#update()
      .set({ state, ...(sizeBytes !== undefined && { size_bytes: sizeBytes }) })
      .where('id', '=', id)
      .where('state', 'in', from)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** An upload has become a video, in the transaction that makes the video. */
  async close(em: EntityManager, id: string): Promise<void> {
    await em.nativeUpdate(UploadEntity, { id }, { state: 'published', lockedBy: null, lockedUntil: null })
  }

  /** Uploads that have expired with bytes kept, by age. */
  findExpired(limit: number): Promise<UploadRow[]> {
    return this.#database
      .em()
      .find(
        UploadEntity,
        { expiresAt: { $lt: new Date() }, state: LIVE },
        { orderBy: { expiresAt: 'asc' }, limit, disableIdentityMap: true },
      )
  }

  /** Finished uploads after `afterId` in id order, to be compared with storage. */
  findFinished(query: { afterId: string; limit: number }): Promise<UploadRow[]> {
    return this.#database
      .em()
      .find(
        UploadEntity,
        { id: { $gt: query.afterId }, state: 'finished' },
        { orderBy: { id: 'asc' }, limit: query.limit, disableIdentityMap: true },
      )
  }

  /** Forgets uploads without bytes that expired before a time. @returns how many */
  async forget(before: Date): Promise<number> {
    const em = this.#database.em()
    const gone = { expiresAt: { $lt: before }, state: ['published' as const, 'ended' as const] }
    const chunked = await em.find(UploadEntity, { ...gone, kind: 'chunked' }, { fields: ['id'] })
    await em.nativeDelete(UploadChunkEntity, { uploadId: chunked.map(({ id }) => id) })
    return await em.nativeDelete(UploadEntity, gone)
  }

  #update() {
    return kysely<typeof UploadEntity>(this.#database.em()).updateTable('upload')
  }
}
