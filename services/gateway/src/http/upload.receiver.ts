import { createHash, type Hash } from 'node:crypto'
import { addAbortSignal } from 'node:stream'
import { hasCode, ServiceError } from '@fanone/service-kit'
import { type Storage, StorageFullError, TooLargeError, uploadKey } from '@fanone/storage'
import type { Request, RequestHandler, Response } from 'express'
import type multer from 'multer'
import { formParser, toFormError } from './form-parts.ts'
import { randomId } from './random-id.ts'

/** What a multipart body may hold beside its file. */
const FIELD_LIMITS = {
  files: 1,
  fields: 20,
  parts: 21,
  fieldSize: 64 * 1024,
  fieldNameSize: 100,
  headerPairs: 50,
}
/** Room for the fields and the multipart framing around a file of the largest size. */
const FRAMING_BYTES = 1024 * 1024

/** The fields of a form, in the order they arrived. */
export type Fields = Record<string, unknown>

export interface ReceiveOptions {
  /** Names the file may go by. */
  fileFields: string[]
  /** Checks the fields before the file; throws to refuse the upload before its bytes arrive. */
  checkEarly: (fields: Fields) => Promise<void> | void
  /** What is computed of the bytes as they pass. */
  hash?: 'md5'
}

/** An upload that is complete in storage. */
export interface ReceivedUpload {
  uploadId: string
  fields: Fields
  /** Hex; empty unless one was asked for. */
  digest: string
  sizeBytes: number
}

/**
 * Streams the file of a multipart request into storage, in constant memory and no faster than the
 * disk takes it.
 */
export class UploadReceiver {
  readonly #storage: Storage
  readonly #maxBytes: number

  constructor(options: { storage: Storage; maxBytes: number }) {
    this.#storage = options.storage
    this.#maxBytes = options.maxBytes
  }

  /**
   * Refuses what cannot become an upload, by its headers alone.
   *
   * @throws ServiceError `unsupported_media_type`, `body_too_large`
   */
  checkHeaders(request: Request): void {
    if (!request.is('multipart/form-data')) throw new ServiceError('unsupported_media_type')
    const lengthBytes = Number(request.headers['content-length'] ?? 0)
    if (lengthBytes > this.#maxBytes + FRAMING_BYTES) throw new ServiceError('body_too_large')
  }

  /**
   * Receives the whole body. After any failure nothing stays in storage, and the error is thrown at
   * once, before the client has sent everything.
   *
   * @throws ServiceError `invalid_input`, `body_too_large`, `storage_full`, `upload_aborted`, or
   *   what `checkEarly` threw
   */
  async receive(request: Request, response: Response, options: ReceiveOptions): Promise<ReceivedUpload> {
    const uploadId = randomId()
    const abort = new AbortController()
    const onClose = () => {
      if (!request.complete) abort.abort()
    }
    request.once('close', onClose)
    const engine = new StorageEngine({ storage: this.#storage, uploadId, maxBytes: this.#maxBytes, abort, options })
    try {
      await Promise.race([engine.failed, this.#parse(request, response, engine, options)])
      if (!engine.hasStored) throw missingFile(options.fileFields)
      return { uploadId, fields: { ...request.body }, digest: engine.digest, sizeBytes: engine.sizeBytes }
    } catch (error) {
      abort.abort()
      // A failed transfer destroys its stream, which multer may report before storage gives the
      // reason.
      const reason = await engine.settled
      await this.discard(uploadId)
      throw toUploadError(isVerdict(reason) ? reason : error, request, options.fileFields[0])
    } finally {
      request.off('close', onClose)
    }
  }

  /**
   * Removes an upload that will not be published; never rejects, because the video service sweeps
   * leftovers.
   */
  async discard(uploadId: string): Promise<void> {
    await this.#storage.delete(uploadKey(uploadId)).catch(() => undefined)
  }

  /**
   * Removes an upload that another service has refused. Where its answer does not tell the outcome
   * the upload may still be needed, and is left to the video service's sweep.
   */
  async discardRefused(uploadId: string, error: unknown): Promise<void> {
    const isUnknown = hasCode(error, 'unavailable', 'timeout', 'upstream_failed', 'internal')
    if (!isUnknown) await this.discard(uploadId)
  }

  #parse(request: Request, response: Response, engine: StorageEngine, options: ReceiveOptions): Promise<void> {
    const fields = options.fileFields.map((name) => ({ name, maxCount: 1 }))
    const parser = formParser({ storage: engine, limits: FIELD_LIMITS }, (error) => engine.fail(error))
    const parse: RequestHandler = parser.fields(fields)
    return new Promise((resolve, reject) => {
      void parse(request, response, (error?: unknown) => (error ? reject(error) : resolve()))
    })
  }
}

interface EngineOptions {
  storage: Storage
  uploadId: string
  maxBytes: number
  abort: AbortController
  options: ReceiveOptions
}

/** Where multer puts the one file of a request. */
class StorageEngine implements multer.StorageEngine {
  readonly #options: EngineOptions
  readonly #failed = Promise.withResolvers<never>()
  /**
   * Rejects as soon as the file cannot be stored or a text cannot be read; multer itself tells only
   * after the client has sent everything.
   */
  readonly failed = this.#failed.promise
  /** Resolves when nothing is being written any more, with what went wrong, if something did. */
  settled: Promise<unknown> = Promise.resolve()
  hasStored = false
  digest = ''
  sizeBytes = 0

  constructor(options: EngineOptions) {
    this.#options = options
    this.failed.catch(() => undefined)
  }

  _handleFile(request: Request, file: Express.Multer.File, callback: (error?: unknown) => void): void {
    const storing = this.#store(request, file)
    this.settled = storing.then(
      () => undefined,
      (error) => error,
    )
    storing.then(
      () => callback(null),
      (error) => {
        this.fail(error)
        callback(error)
      },
    )
  }

  fail(error: unknown): void {
    this.#failed.reject(error)
  }

  /** The receiver removes what was stored, in every case of failure. */
  _removeFile(_request: Request, _file: Express.Multer.File, callback: (error: Error | null) => void): void {
    callback(null)
  }

  async #store(request: Request, file: Express.Multer.File): Promise<void> {
    const { storage, uploadId, maxBytes, abort, options } = this.#options
    await options.checkEarly({ ...request.body })
    const chunks = addAbortSignal(abort.signal, file.stream)
    const hash = options.hash && createHash(options.hash)
    const source = hash ? hashed(chunks, hash) : chunks
    const { sizeBytes } = await storage.put(uploadKey(uploadId), source, { signal: abort.signal, maxBytes })
    this.sizeBytes = sizeBytes
    this.digest = hash?.digest('hex') ?? ''
    this.hasStored = true
  }
}

/** Passes bytes on and feeds them to a hash. */
export async function* hashed(chunks: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
}

function missingFile(fileFields: string[]): ServiceError {
  const path = fileFields[0] ?? 'file'
  return new ServiceError('invalid_input', {
    detail: `${path}: the file is missing; it is wanted in the field "${path}"`,
    issues: [{ path, message: `the file is missing; it is wanted in the field "${path}"` }],
  })
}

/** Whether storage or a check refused the file, not just lost its stream. */
function isVerdict(reason: unknown): boolean {
  return reason instanceof ServiceError || reason instanceof TooLargeError || reason instanceof StorageFullError
}

/** What went wrong with an upload, in our own terms. */
export function toUploadError(
  error: unknown,
  request: { complete: boolean; destroyed: boolean },
  fileField?: string,
): ServiceError {
  if (error instanceof ServiceError) return error
  if (error instanceof TooLargeError) return new ServiceError('body_too_large', { cause: error })
  if (error instanceof StorageFullError) return new ServiceError('storage_full', { cause: error })
  if (request.destroyed && !request.complete) return new ServiceError('upload_aborted', { cause: error })
  return toFormError(error, fileField) ?? new ServiceError('internal', { cause: error })
}
