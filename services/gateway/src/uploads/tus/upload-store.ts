import type { Readable } from 'node:stream'
import type { Upload } from '@fanone/contracts'
import { type Identity, ServiceError } from '@fanone/service-kit'
import { type Storage, TooLargeError, uploadKey } from '@fanone/storage'
import { DataStore, ERRORS, type Locker, Metadata, Upload as TusUpload } from '@tus/utils'
import type { Request } from 'express'
import type { Client } from '../../calls/client.ts'
import { randomId } from '../../http/random-id.ts'
import { uploadedBytes, uploadOutcomes } from '../../http/upload.metrics.ts'
import { withChecked } from './checked-source.ts'
import { wholeSha256 } from './tus.headers.ts'
import { UploadLock } from './upload-lock.ts'

/**
 * Makes one of the changes that a user may make at a time. Only what locks rows for others is one:
 * bytes that arrive are not, because parts come side by side.
 */
export type Bounded = <Result>(change: () => PromiseLike<Result>) => PromiseLike<Result> | Result

export interface UploadStoreOptions {
  uploads: Client<'video'>['uploads']
  storage: Storage
  identity: Identity
  request: Request
  bounded: Bounded
}

/**
 * What @tus/server keeps uploads in, on behalf of one request: rows are the video service's, bytes
 * are in storage. The offset is what storage has durably, so nothing can be ahead of it.
 */
export class UploadStore extends DataStore {
  /** The id that an upload gets if the request begins one. */
  readonly newId = randomId()
  readonly locker: Locker
  readonly #uploads: Client<'video'>['uploads']
  readonly #storage: Storage
  readonly #identity: Identity
  readonly #request: Request
  readonly #bounded: Bounded
  readonly #token = randomId()
  #upload: Upload | undefined

  constructor({ uploads, storage, identity, request, bounded }: UploadStoreOptions) {
    super()
    this.#uploads = uploads
    this.#storage = storage
    this.#identity = identity
    this.#request = request
    this.#bounded = bounded
    const lockOptions = { uploads, identity, token: this.#token, onLocked: (upload: Upload) => this.#know(upload) }
    this.locker = { newLock: (id) => new UploadLock({ ...lockOptions, id, isNew: id === this.newId }) }
  }

  /** What answers say of the upload beside what @tus/server says. */
  get headers(): Record<string, string> {
    const { kind, partIds = [] } = this.#upload ?? {}
    if (kind === 'part') return { 'Upload-Concat': 'partial' }
    if (kind === 'joined') return { 'Upload-Concat': `final;${partIds.map((id) => `/v1/uploads/${id}`).join(' ')}` }
    return {}
  }

  override hasExtension(name: string): boolean {
    // @tus/server asks for concatenation under a misspelt name.
    return ['expiration', 'termination', 'concatentation'].includes(name)
  }

  override getExpiration(): number {
    return this.#upload ? Date.parse(this.#upload.expiresAt) - Date.parse(this.#upload.createdAt) : 0
  }

  override async create(upload: TusUpload): Promise<TusUpload> {
    const sizeBytes = upload.size ?? 0
    const input = {
      id: upload.id,
      token: this.#token,
      kind: this.#request.get('Upload-Concat') === 'partial' ? ('part' as const) : ('whole' as const),
      sizeBytes,
      chunkCount: 0,
      metadata: this.#request.get('Upload-Metadata') ?? '',
      sha256: wholeSha256(upload.metadata),
    }
    this.#know(await this.#bounded(() => this.#uploads.create(input, this.#as())))
    uploadOutcomes.inc({ protocol: 'tus', outcome: 'begun' })
    if (sizeBytes === 0) await this.#append([], upload.id, 0)
    return upload
  }

  override async getUpload(id: string): Promise<TusUpload> {
    const upload = this.#upload
    if (upload?.id !== id) throw new ServiceError('upload_not_found')
    return new TusUpload({
      id,
      size: upload.sizeBytes,
      offset: await this.#offsetOf(upload),
      creation_date: upload.createdAt,
      ...(upload.metadata && { metadata: Metadata.parse(upload.metadata) }),
    })
  }

  override async write(stream: Readable, id: string, offset: number): Promise<number> {
    if (this.#upload?.kind === 'joined') throw new ServiceError('forbidden', { detail: 'It is made of others' })
    const checksum = this.#request.get('Upload-Checksum')
    if (checksum === undefined) return await this.#append(stream, id, offset)
    const check = { storage: this.#storage, uploadId: id, checksum, maxBytes: this.#sizeBytes - offset }
    return await withChecked(stream, check, (checked) => this.#append(checked, id, offset))
  }

  override async remove(id: string): Promise<void> {
    await this.#bounded(() => this.#uploads.end({ id }, this.#as()))
    uploadOutcomes.inc({ protocol: 'tus', outcome: 'ended' })
  }

  get #sizeBytes(): number {
    return this.#upload?.sizeBytes ?? 0
  }

  async #append(source: AsyncIterable<Uint8Array> | Uint8Array[], id: string, offsetBytes: number): Promise<number> {
    // Nothing more fits, so nothing more came.
    if (this.#upload?.state !== 'receiving') return offsetBytes
    const options = { offsetBytes, maxBytes: this.#sizeBytes - offsetBytes }
    const chunks = Array.isArray(source) ? fromList(source) : refusing(source, options.maxBytes)
    const { sizeBytes } = await this.#storage.growing.append(uploadKey(id), chunks, options)
    uploadedBytes.inc({ protocol: 'tus' }, sizeBytes - offsetBytes)
    if (sizeBytes === this.#sizeBytes) {
      this.#know(await this.#uploads.finish({ id }, this.#as()))
      uploadOutcomes.inc({ protocol: 'tus', outcome: 'finished' })
    }
    return sizeBytes
  }

  async #offsetOf(upload: Upload): Promise<number> {
    if (upload.state !== 'receiving') return upload.sizeBytes
    const growing = await this.#storage.growing.stat(uploadKey(upload.id))
    // Its bytes are in place, and the one who wanted to say so was killed.
    if (!growing && (await this.#storage.stat(uploadKey(upload.id)))) return upload.sizeBytes
    return growing?.sizeBytes ?? 0
  }

  #know(upload: Upload): void {
    this.#upload = upload
  }

  #as() {
    return { context: { identity: this.#identity } }
  }
}

/** @tus/server counts too, and what it finds too long is not just a line that went dead. */
async function* refusing(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  try {
    yield* source
  } catch (error) {
    const isTooLong = (error as { status_code?: number }).status_code === ERRORS.ERR_MAX_SIZE_EXCEEDED.status_code
    throw isTooLong ? new TooLargeError(maxBytes) : error
  }
}

async function* fromList(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}
