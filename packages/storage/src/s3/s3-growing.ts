import { buffer } from 'node:stream/consumers'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { ObjectNotFoundError, OffsetMismatchError, TooLargeError } from '../errors.ts'
import { assertFolder, assertStorageKey } from '../keys.ts'
import { limitBytes } from '../limit-bytes.ts'
import type { AppendOptions, GrowingObjects, StoredObject } from '../storage.ts'
import { contentTypeOf } from './content-type.ts'
import { isMissing, nullIfMissing, type S3Objects, throwFull } from './s3-objects.ts'

/** No key can begin with a dot, so nothing in here can be read or listed. */
const GROWING = '.growing/'
/** The least that S3 takes as a part that is not the last. */
const PART_BYTES = 5 * 1024 * 1024

/**
 * How far an object has come: an object of its own, whose metadata tell of the parts that are in
 * the multipart upload, and whose bytes are the rest behind them.
 */
interface Progress {
  /** Of the multipart upload; undefined before the first part. */
  transferId: string | undefined
  parts: number
  partBytes: number
  rest: Buffer
}

const sizeOf = ({ partBytes, rest }: Progress) => partBytes + rest.byteLength

/** Growing objects as multipart uploads. */
export class S3GrowingObjects implements GrowingObjects {
  readonly #objects: S3Objects

  constructor(objects: S3Objects) {
    this.#objects = objects
  }

  async append(key: string, source: AsyncIterable<Uint8Array>, options: AppendOptions): Promise<{ sizeBytes: number }> {
    assertStorageKey(key)
    const { offsetBytes, maxBytes = Number.POSITIVE_INFINITY } = options
    const before = await this.#load(key)
    if ((before ? sizeOf(before) : 0) !== offsetBytes) throw new OffsetMismatchError(before ? sizeOf(before) : 0)
    const progress = before ?? { transferId: undefined, parts: 0, partBytes: 0, rest: Buffer.alloc(0) }
    const writer = new Writer(this.#objects, key, progress)
    try {
      for await (const chunk of limitBytes(maxBytes)(source)) await writer.add(chunk)
    } catch (error) {
      await (isRefusal(error) ? this.#save(key, progress, writer.progress) : writer.flush())
      throw error
    }
    await writer.flush()
    return { sizeBytes: sizeOf(writer.progress) }
  }

  async stat(key: string): Promise<StoredObject | null> {
    assertStorageKey(key)
    const head = await this.#objects.head(GROWING + key)
    if (!head) return null
    const sizeBytes = (head.ContentLength ?? 0) + Number(head.Metadata?.['part-bytes'] ?? 0)
    return { key, sizeBytes, modifiedAt: head.LastModified ?? new Date() }
  }

  async finish(key: string): Promise<{ sizeBytes: number }> {
    assertStorageKey(key)
    const progress = await this.#load(key)
    if (!progress) throw new ObjectNotFoundError(key)
    const sizeBytes = sizeOf(progress)
    if (progress.transferId === undefined)
      await this.#objects.put(key, progress.rest, { ContentType: contentTypeOf(key) })
    else if (!(await this.#complete(key, progress))) {
      // Completed by a call that was killed before it removed the progress.
      const finished = await this.#objects.head(key)
      if (finished?.ContentLength !== sizeBytes) throw new ObjectNotFoundError(key)
    }
    await this.#objects.delete(GROWING + key)
    return { sizeBytes }
  }

  async delete(key: string): Promise<void> {
    assertStorageKey(key)
    const progress = await this.#load(key)
    if (!progress) return
    await this.abort(key, progress.transferId)
    await this.#objects.delete(GROWING + key)
  }

  async *list(folder: string): AsyncGenerator<StoredObject> {
    assertFolder(folder)
    for await (const { key } of this.#objects.list(`${GROWING}${folder}/`)) {
      const object = await this.stat(key.slice(GROWING.length))
      if (object) yield object
    }
  }

  /** Whether a multipart upload is that of an object that grows. */
  async has(key: string, transferId: string | undefined): Promise<boolean> {
    const head = await this.#objects.head(GROWING + key)
    return head !== null && head.Metadata?.['transfer-id'] === transferId
  }

  /** Ends a multipart upload, if it goes on. */
  async abort(key: string, transferId: string | undefined): Promise<void> {
    if (transferId === undefined) return
    const command = new AbortMultipartUploadCommand({ ...this.#objects.at(key), UploadId: transferId })
    await this.#objects.client.send(command).catch(nullIfMissing)
  }

  async #load(key: string): Promise<Progress | null> {
    const found = await this.#objects.read(GROWING + key).catch((error) => {
      if (error instanceof ObjectNotFoundError) return null
      throw error
    })
    if (!found) return null
    const { metadata } = found
    return {
      transferId: metadata['transfer-id'],
      parts: Number(metadata.parts ?? 0),
      partBytes: Number(metadata['part-bytes'] ?? 0),
      rest: await buffer(found.body),
    }
  }

  /** Takes back what an append wrote; a multipart upload that it began is kept for the next. */
  async #save(key: string, before: Progress, { transferId }: Progress): Promise<void> {
    await saveProgress(this.#objects, key, { ...before, transferId })
  }

  /** @returns false where the multipart upload is gone */
  async #complete(key: string, progress: Progress): Promise<boolean> {
    const { client } = this.#objects
    const upload = { ...this.#objects.at(key), UploadId: progress.transferId }
    try {
      const count = progress.rest.byteLength > 0 ? progress.parts + 1 : progress.parts
      if (count > progress.parts)
        await client.send(new UploadPartCommand({ ...upload, PartNumber: count, Body: progress.rest }))
      const Parts = (await this.#partsOf(upload)).filter(({ PartNumber = 0 }) => PartNumber <= count)
      await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throwFull(error)
    }
  }

  async #partsOf(upload: { Bucket: string; Key: string; UploadId: string | undefined }) {
    const parts: { PartNumber: number | undefined; ETag: string | undefined }[] = []
    let PartNumberMarker: string | undefined
    do {
      const command = new ListPartsCommand({ ...upload, ...(PartNumberMarker && { PartNumberMarker }) })
      const page = await this.#objects.client.send(command)
      for (const { PartNumber, ETag } of page.Parts ?? []) parts.push({ PartNumber, ETag })
      PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined
    } while (PartNumberMarker)
    return parts
  }
}

/** Whether the store or a limit refused the bytes, not just lost their source. */
const isRefusal = (error: unknown) => error instanceof TooLargeError || (error as Error)?.name === 'StorageFullError'

/** Sends parts as soon as they are whole, and says after each how far it has come. */
class Writer {
  readonly #objects: S3Objects
  readonly #key: string
  #chunks: Uint8Array[]
  #bytes: number
  progress: Progress

  constructor(objects: S3Objects, key: string, progress: Progress) {
    this.#objects = objects
    this.#key = key
    this.progress = { ...progress }
    this.#chunks = [progress.rest]
    this.#bytes = progress.rest.byteLength
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk)
    this.#bytes += chunk.byteLength
    if (this.#bytes >= PART_BYTES) await this.#sendPart()
  }

  async flush(): Promise<void> {
    this.progress.rest = Buffer.concat(this.#chunks)
    await saveProgress(this.#objects, this.#key, this.progress)
  }

  async #sendPart(): Promise<void> {
    const part = Buffer.concat(this.#chunks)
    const { client } = this.#objects
    this.progress.transferId ??= await begin(this.#objects, this.#key)
    const number = this.progress.parts + 1
    const upload = { ...this.#objects.at(this.#key), UploadId: this.progress.transferId, PartNumber: number }
    await client.send(new UploadPartCommand({ ...upload, Body: part })).catch(throwFull)
    const partBytes = this.progress.partBytes + part.byteLength
    this.progress = { ...this.progress, parts: number, partBytes, rest: Buffer.alloc(0) }
    this.#chunks = []
    this.#bytes = 0
    await saveProgress(this.#objects, this.#key, this.progress)
  }
}

async function begin(objects: S3Objects, key: string): Promise<string | undefined> {
  const command = new CreateMultipartUploadCommand({ ...objects.at(key), ContentType: contentTypeOf(key) })
  return (await objects.client.send(command).catch(throwFull)).UploadId
}

async function saveProgress(objects: S3Objects, key: string, progress: Progress): Promise<void> {
  const { transferId, parts, partBytes, rest } = progress
  const Metadata = { parts: String(parts), 'part-bytes': String(partBytes) }
  await objects.put(GROWING + key, rest, {
    Metadata: transferId === undefined ? Metadata : { ...Metadata, 'transfer-id': transferId },
  })
}
