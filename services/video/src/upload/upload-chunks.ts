import type { Upload } from '@fanone/contracts'
import { type Identity, ServiceError } from '@fanone/service-kit'
import { chunkFolder, chunkKey, ObjectNotFoundError, type Storage, StorageFullError, uploadKey } from '@fanone/storage'
import type { UploadRow } from './upload.entity.ts'
import { toUpload } from './upload.mapping.ts'
import type { UploadRepository } from './upload.repository.ts'
import type { UploadService } from './upload.service.ts'
import type { UploadQuotas } from './upload-quotas.ts'

/** A chunk that has arrived under an id of its own. */
export interface ArrivedChunk {
  id: string
  number: number
  arrivedId: string
  maxBytes: number
}

/** Uploads of the older API: numbered chunks in any order, put together when all are there. */
export class UploadChunks {
  readonly #uploads: UploadService
  readonly #rows: UploadRepository
  readonly #storage: Storage
  readonly #quotas: UploadQuotas

  constructor(options: {
    uploads: UploadService
    rows: UploadRepository
    storage: Storage
    quotas: UploadQuotas
  }) {
    this.#uploads = options.uploads
    this.#rows = options.rows
    this.#storage = options.storage
    this.#quotas = options.quotas
  }

  /**
   * Takes a chunk from where it has arrived. One that comes again replaces the first, or changes
   * nothing once all are put together.
   *
   * @throws ServiceError `upload_not_found`, `upload_too_large`, `upload_quota_exceeded`,
   *   `invalid_input`
   */
  async add(identity: Identity, { id, number, arrivedId, maxBytes }: ArrivedChunk): Promise<void> {
    const row = await this.#findOwn(identity, id)
    if (number > row.chunkCount)
      throw new ServiceError('invalid_input', { detail: `chunk ${number} of ${row.chunkCount}` })
    const arrived = await this.#storage.stat(uploadKey(arrivedId))
    if (row.state !== 'receiving') return await this.#storage.delete(uploadKey(arrivedId))
    if (!arrived) {
      // The call is repeated, and the chunk is in its place already.
      if (await this.#storage.stat(chunkKey(id, number))) return
      throw new ServiceError('upload_not_found')
    }
    const isAdded = await this.#rows.addChunk(
      { id, number, sizeBytes: arrived.sizeBytes },
      {
        check: (usage, totalBytes) => {
          if (totalBytes > maxBytes)
            throw new ServiceError('upload_too_large', { detail: `${totalBytes} bytes, of at most ${maxBytes}` })
          this.#quotas.checkGrowth(usage, totalBytes)
        },
        place: () => this.#place(uploadKey(arrivedId), chunkKey(id, number)),
      },
    )
    if (isAdded) return
    // It ended meanwhile, or was put together.
    await this.#storage.delete(uploadKey(arrivedId))
    await this.#findOwn(identity, id)
  }

  /** @throws ServiceError `upload_not_found`, `upload_incomplete`, `storage_full` */
  async join(identity: Identity, { id }: { id: string }): Promise<Upload> {
    const row = await this.#findOwn(identity, id)
    if (row.state !== 'receiving') return toUpload(row)
    const numbers = await this.#rows.chunkNumbers(id)
    if (numbers.length < row.chunkCount)
      throw new ServiceError('upload_incomplete', { detail: `${numbers.length} of ${row.chunkCount} chunks are there` })
    try {
      await this.#storage.concatenate(
        numbers.map((number) => chunkKey(id, number)),
        uploadKey(id),
      )
    } catch (error) {
      if (error instanceof StorageFullError) throw new ServiceError('storage_full', { cause: error })
      const finished = error instanceof ObjectNotFoundError ? await this.#findOwn(identity, id) : row
      // The same call in another instance was faster, and has removed the chunks.
      if (finished.state !== 'receiving') return toUpload(finished)
      throw error
    }
    await this.#rows.setState(id, ['receiving'], 'finished')
    await this.#storage.deleteUnder(chunkFolder(id))
    return toUpload({ ...row, state: 'finished' })
  }

  /** The same call may have put it there a moment ago. */
  async #place(from: string, to: string): Promise<void> {
    try {
      await this.#storage.move(from, to)
    } catch (error) {
      if (!(error instanceof ObjectNotFoundError) || !(await this.#storage.stat(to))) throw error
    }
  }

  async #findOwn(identity: Identity, id: string): Promise<UploadRow> {
    const row = await this.#uploads.findOwn(identity, id)
    if (row.kind !== 'chunked') throw new ServiceError('upload_not_found')
    return row
  }
}
