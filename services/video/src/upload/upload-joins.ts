import { createHash } from 'node:crypto'
import type { Upload } from '@fanone/contracts'
import { hasCode, type Identity, ServiceError } from '@fanone/service-kit'
import { ObjectNotFoundError, type Storage, StorageFullError, uploadKey } from '@fanone/storage'
import type { MediaRemover } from '../janitor/media-remover.ts'
import type { UploadRow } from './upload.entity.ts'
import { toUpload } from './upload.mapping.ts'
import type { UploadRepository } from './upload.repository.ts'
import type { UploadService } from './upload.service.ts'

export interface JoinInput {
  partIds: string[]
  metadata: string
  sha256: string
  maxBytes: number
}

/**
 * Puts parts that arrived side by side together. The id follows from the parts, so a client that
 * lost the answer asks again and gets the same upload.
 */
export class UploadJoins {
  readonly #uploads: UploadService
  readonly #rows: UploadRepository
  readonly #storage: Storage
  readonly #remover: MediaRemover

  constructor(options: { uploads: UploadService; rows: UploadRepository; storage: Storage; remover: MediaRemover }) {
    this.#uploads = options.uploads
    this.#rows = options.rows
    this.#storage = options.storage
    this.#remover = options.remover
  }

  /**
   * @throws ServiceError `upload_not_found`, `upload_expired`, `upload_incomplete`,
   *   `upload_too_large`, `invalid_input`, `storage_full`
   */
  async join(identity: Identity, input: JoinInput): Promise<Upload> {
    const id = idOf(identity, input.partIds)
    const earlier = await this.#findFinished(id)
    if (earlier) return toUpload(earlier)
    if (new Set(input.partIds).size < input.partIds.length)
      throw new ServiceError('invalid_input', { detail: 'Each part can be used once' })
    try {
      return toUpload(await this.#join(identity, id, input))
    } catch (error) {
      if (error instanceof StorageFullError) throw new ServiceError('storage_full', { cause: error })
      const isGone = error instanceof ObjectNotFoundError || hasCode(error, 'upload_not_found')
      if (!isGone) throw error
      return toUpload(await this.#findMadeElsewhere(id))
    }
  }

  /**
   * What the same call elsewhere has made of the parts, which it has ended.
   *
   * @throws ServiceError `upload_not_found` where they are gone for another reason; then nothing is
   *   left of what was begun
   */
  async #findMadeElsewhere(id: string): Promise<UploadRow> {
    const row = await this.#rows.find(id)
    if (row?.state === 'finished' || row?.state === 'published') return row
    if (row) await this.#remover.endUpload(row)
    throw new ServiceError('upload_not_found')
  }

  async #join(identity: Identity, id: string, input: JoinInput): Promise<UploadRow> {
    const parts = await this.#findParts(identity, input.partIds)
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
    if (sizeBytes > input.maxBytes)
      throw new ServiceError('upload_too_large', { detail: `${sizeBytes} bytes, of at most ${input.maxBytes}` })
    const { metadata, sha256, partIds } = input
    const joined = { id, sizeBytes, metadata, sha256, partIds: partIds.join(' '), kind: 'joined' as const }
    const expiresAt = new Date(Math.min(...parts.map((part) => part.expiresAt.getTime())))
    // Its bytes were counted when the parts began; each of them may be in one upload.
    const row = await this.#rows.insert({ ...joined, ownerId: identity.userId, expiresAt }, ({ joinedPartIds }) => {
      if (partIds.some((partId) => joinedPartIds.includes(partId))) throw new ServiceError('upload_not_found')
    })
    return await this.#concatenate(row, parts)
  }

  async #concatenate(row: UploadRow, parts: UploadRow[]): Promise<UploadRow> {
    await this.#storage.concatenate(
      parts.map((part) => uploadKey(part.id)),
      uploadKey(row.id),
    )
    if (!(await this.#rows.setState(row.id, ['receiving'], 'finished'))) return await this.#findMadeElsewhere(row.id)
    // A crash before this leaves parts that expire.
    for (const part of parts) await this.#remover.endUpload(part)
    return { ...row, state: 'finished' }
  }

  async #findFinished(id: string): Promise<UploadRow | null> {
    const row = await this.#rows.find(id)
    if (row?.state === 'ended') throw new ServiceError('upload_not_found')
    return row && row.state !== 'receiving' ? row : null
  }

  /** In the order of their ids, each of them whole. */
  async #findParts(identity: Identity, ids: string[]): Promise<UploadRow[]> {
    const parts: UploadRow[] = []
    for (const id of ids) {
      const row = await this.#uploads.findOwn(identity, id)
      if (row.kind !== 'part') throw new ServiceError('invalid_input', { detail: `${id} is no part` })
      if (row.state === 'published') throw new ServiceError('upload_not_found')
      parts.push(await this.#uploads.finishRow(row))
    }
    return parts
  }
}

/** Nobody else's parts have these ids, and nobody guesses what follows from them. */
function idOf({ userId }: Identity, partIds: string[]): string {
  return createHash('sha256')
    .update(`${userId} ${partIds.join(' ')}`)
    .digest('hex')
    .slice(0, 32)
}
