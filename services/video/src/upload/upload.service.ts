import type { Upload } from '@fanone/contracts'
import { type Identity, ServiceError } from '@fanone/service-kit'
import { ObjectNotFoundError, type Storage, uploadKey } from '@fanone/storage'
import type { MediaRemover } from '../janitor/media-remover.ts'
import type { UploadRow } from './upload.entity.ts'
import { toUpload } from './upload.mapping.ts'
import type { NewUpload, UploadRepository } from './upload.repository.ts'
import type { UploadQuotas } from './upload-quotas.ts'

/** A writer that says nothing for so long is gone; who waits for its lock waits no longer. */
const LOCK_MS = 5_000

export interface UploadServiceOptions {
  uploads: UploadRepository
  storage: Storage
  remover: MediaRemover
  quotas: UploadQuotas
  /** How long after its beginning an upload is removed. */
  expiryMs: number
}

/**
 * Uploads that survive interruptions. Storage tells how much of one is there, so no crash leaves an
 * offset that is ahead of it; the row tells whose it is and who writes.
 */
export class UploadService {
  readonly #uploads: UploadRepository
  readonly #storage: Storage
  readonly #remover: MediaRemover
  readonly #quotas: UploadQuotas
  readonly #expiryMs: number

  constructor(options: UploadServiceOptions) {
    this.#uploads = options.uploads
    this.#storage = options.storage
    this.#remover = options.remover
    this.#quotas = options.quotas
    this.#expiryMs = options.expiryMs
  }

  /** @throws ServiceError `upload_too_large`, `upload_quota_exceeded`, `upload_not_found` */
  async create(
    identity: Identity,
    input: Pick<NewUpload, 'id' | 'sizeBytes' | 'metadata'> &
      Required<Pick<NewUpload, 'chunkCount' | 'sha256'>> & { token: string; kind: 'whole' | 'part' | 'chunked' },
  ): Promise<Upload> {
    const { token, ...upload } = input
    const lock = { lockedBy: token, lockedUntil: new Date(Date.now() + LOCK_MS) }
    const row = await this.#uploads.insert(
      { ...upload, ...lock, ownerId: identity.userId, expiresAt: this.#expiry() },
      (usage) => this.#quotas.check(usage, input.sizeBytes),
    )
    return toUpload(requireOwn(row, identity))
  }

  /** @throws ServiceError `upload_not_found`, `upload_expired` */
  async lock(
    identity: Identity,
    { id, token }: { id: string; token: string },
  ): Promise<{ upload: Upload; isLocked: boolean }> {
    const row = await this.findOwn(identity, id)
    // Its chunks come through another API, in any order.
    if (row.kind === 'chunked') throw new ServiceError('upload_not_found')
    const isLocked = row.state !== 'receiving' || (await this.#uploads.lock(id, token, Date.now() + LOCK_MS))
    // As it is for the one who has the lock: it may have been finished meanwhile.
    return { upload: toUpload(isLocked ? await this.findOwn(identity, id) : row), isLocked }
  }

  async keepLock(
    identity: Identity,
    { id, token }: { id: string; token: string },
  ): Promise<{ isLocked: boolean; isWanted: boolean }> {
    await this.findOwn(identity, id)
    return await this.#uploads.keepLock(id, token, Date.now() + LOCK_MS)
  }

  async unlock(identity: Identity, { id, token }: { id: string; token: string }): Promise<void> {
    requireOwn(await this.#uploads.find(id), identity)
    await this.#uploads.unlock(id, token)
  }

  /** @throws ServiceError `upload_not_found`, `upload_expired`, `upload_incomplete` */
  async finish(identity: Identity, { id }: { id: string }): Promise<Upload> {
    const row = await this.findOwn(identity, id)
    return toUpload(await this.finishRow(row))
  }

  /**
   * The row of an upload that is about to be published, finished; null where the bytes came without
   * one, in a single request.
   *
   * @throws ServiceError `upload_not_found`, `upload_incomplete`
   */
  async findToPublish(identity: Identity, id: string): Promise<UploadRow | null> {
    const row = await this.#uploads.find(id)
    if (!row) return null
    requireOwn(row, identity)
    // What was refused is asked for by its id, for the reason.
    if (row.state === 'ended') return row
    requireTime(row)
    return await this.finishRow(row)
  }

  /** Bytes are in place before the row says so; a repeat finds what a crash has left. */
  async finishRow(row: UploadRow): Promise<UploadRow> {
    if (row.state !== 'receiving') return row
    if (row.kind === 'chunked') throw new ServiceError('upload_incomplete')
    const key = uploadKey(row.id)
    const growing = await this.#storage.growing.stat(key)
    if (growing && growing.sizeBytes !== row.sizeBytes) throw incomplete(growing.sizeBytes, row.sizeBytes)
    // The same call may be a moment ahead.
    if (growing) await this.#storage.growing.finish(key).catch(ignoreMissing)
    if (!(await this.#storage.stat(key))) throw incomplete(0, row.sizeBytes)
    await this.#uploads.setState(row.id, ['receiving'], 'finished')
    return { ...row, state: 'finished' }
  }

  /** @throws ServiceError `upload_published`, `upload_not_found` */
  async end(identity: Identity, { id }: { id: string }): Promise<void> {
    const row = requireOwn(await this.#uploads.find(id), identity)
    if (row.state === 'published') throw new ServiceError('upload_published')
    await this.#remover.endUpload(row)
  }

  /** @throws ServiceError `upload_not_found`, `upload_expired` */
  async findOwn(identity: Identity, id: string): Promise<UploadRow> {
    const row = requireOwn(await this.#uploads.find(id), identity)
    if (row.state === 'ended') throw new ServiceError('upload_not_found')
    return requireTime(row)
  }

  #expiry(): Date {
    return new Date(Date.now() + this.#expiryMs)
  }
}

/** Nobody learns that there are uploads of others. */
function requireOwn(row: UploadRow | null, identity: Identity): UploadRow {
  if (row?.ownerId !== identity.userId) throw new ServiceError('upload_not_found')
  return row
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof ObjectNotFoundError)) throw error
}

function requireTime(row: UploadRow): UploadRow {
  if (row.state !== 'published' && row.expiresAt.getTime() <= Date.now()) throw new ServiceError('upload_expired')
  return row
}

const incomplete = (bytes: number, of: number) =>
  new ServiceError('upload_incomplete', { detail: `${bytes} of ${of} bytes have arrived` })
