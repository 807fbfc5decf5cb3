import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  CreateBucketCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { assertFolder, assertStorageKey } from '../keys.ts'
import { limitBytes } from '../limit-bytes.ts'
import { readFolder, statObject, throwFull as throwDiskFull } from '../local-files.ts'
import type { ByteRange, PutOptions, Storage, StoredObject } from '../storage.ts'
import { contentTypeOf } from './content-type.ts'
import { concatenateObjects } from './s3-concatenate.ts'
import { S3GrowingObjects } from './s3-growing.ts'
import { isMissing, nullIfMissing, S3Objects, throwFull } from './s3-objects.ts'
import { serveObjects } from './s3-serve.ts'

export interface S3StorageOptions {
  /** URL of the server; AWS itself without it. */
  endpoint?: string | undefined
  region: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  /** Folder on this machine for objects that programs need as files. */
  workFolder: string
  /** How long clients may fetch media from the store themselves; 0 passes the bytes on. */
  presignSeconds: number
}

/**
 * Storage in a bucket of S3, or of a server that speaks its protocol. What differs from a disk: to
 * move is to copy, so what was moved is as old as its copy, and what is killed half-way leaves
 * both.
 */
export async function openS3Storage(options: S3StorageOptions): Promise<Storage> {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = options
  const client = new S3Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    // Names of hosts made of buckets need DNS, which servers of one's own rarely have.
    ...(endpoint && { endpoint, forcePathStyle: true }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  await ensureBucket(client, bucket)
  return new S3Storage(new S3Objects({ client, bucket }), options)
}

async function ensureBucket(client: S3Client, bucket: string): Promise<void> {
  const found = await client.send(new HeadBucketCommand({ Bucket: bucket })).catch((error) => {
    if (isMissing(error)) return null
    throw new Error(`The bucket ${bucket} cannot be used: ${error.name}`, { cause: error })
  })
  if (found) return
  await client.send(new CreateBucketCommand({ Bucket: bucket })).catch((error) => {
    // Another process was faster.
    if (!/^BucketAlready/.test(error.name)) throw error
  })
}

class S3Storage implements Storage {
  readonly growing: S3GrowingObjects
  readonly #objects: S3Objects
  readonly #options: Pick<S3StorageOptions, 'workFolder' | 'presignSeconds'>

  constructor(objects: S3Objects, options: Pick<S3StorageOptions, 'workFolder' | 'presignSeconds'>) {
    this.#objects = objects
    this.#options = options
    this.growing = new S3GrowingObjects(objects)
  }

  async put(key: string, source: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<{ sizeBytes: number }> {
    assertStorageKey(key)
    const { signal, maxBytes = Number.POSITIVE_INFINITY } = options
    signal?.throwIfAborted()
    let sizeBytes = 0
    const count = async function* () {
      for await (const chunk of limitBytes(maxBytes)(source)) {
        sizeBytes += chunk.byteLength
        yield chunk
      }
    }
    const Body = Readable.from(count())
    const upload = new Upload({
      client: this.#objects.client,
      params: { ...this.#objects.at(key), Body, ContentType: contentTypeOf(key) },
    })
    const onAbort = () => {
      Body.destroy(signal?.reason)
      void upload.abort().catch(() => undefined)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await upload.done()
    } catch (error) {
      Body.destroy()
      throwFull(Body.errored ?? error)
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    return { sizeBytes }
  }

  async stat(key: string): Promise<StoredObject | null> {
    assertStorageKey(key)
    const head = await this.#objects.head(key)
    return head && { key, sizeBytes: head.ContentLength ?? 0, modifiedAt: head.LastModified ?? new Date() }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    assertStorageKey(key)
    return (await this.#objects.read(key, range)).body
  }

  async move(from: string, to: string): Promise<void> {
    for (const key of [from, to]) assertStorageKey(key)
    await this.#objects.copy(from, to, { ContentType: contentTypeOf(to) })
    await this.#objects.delete(from)
  }

  async concatenate(from: readonly string[], to: string): Promise<{ sizeBytes: number }> {
    for (const key of [...from, to]) assertStorageKey(key)
    return await concatenateObjects(this.#objects, from, to)
  }

  async delete(key: string): Promise<void> {
    assertStorageKey(key)
    await this.#objects.delete(key)
  }

  async deleteUnder(folder: string): Promise<void> {
    assertFolder(folder)
    await this.#objects.deleteUnder(`${folder}/`)
  }

  async *list(folder: string): AsyncGenerator<StoredObject> {
    assertFolder(folder)
    yield* this.#objects.list(`${folder}/`)
  }

  async withLocalFile<Result>(key: string, use: (path: string) => Promise<Result>): Promise<Result> {
    const source = await this.read(key)
    const { workFolder } = this.#options
    const path = join(workFolder, randomUUID())
    try {
      await mkdir(workFolder, { recursive: true, mode: 0o700 })
      await pipeline(source, createWriteStream(path, { flags: 'wx' })).catch(throwDiskFull)
      return await use(path)
    } finally {
      source.destroy()
      await rm(path, { force: true })
    }
  }

  async deleteAbandonedTransfers(idleMs: number): Promise<number> {
    const isIdle = (time: Date | undefined) => time !== undefined && Date.now() - time.getTime() >= idleMs
    let removed = 0
    for await (const { Key = '', UploadId, Initiated } of this.#transfers()) {
      if (!isIdle(Initiated) || (await this.growing.has(Key, UploadId))) continue
      await this.growing.abort(Key, UploadId)
      removed += 1
    }
    for await (const { name } of readFolder(this.#options.workFolder)) {
      const path = join(this.#options.workFolder, name)
      if (!isIdle((await statObject(name, path))?.modifiedAt)) continue
      await rm(path, { force: true })
      removed += 1
    }
    return removed
  }

  serve() {
    return serveObjects(this.#objects, this.#options.presignSeconds)
  }

  /** Multipart uploads that go on. */
  async *#transfers() {
    let marker: Pick<ListMultipartUploadsCommandOutput, 'NextKeyMarker' | 'NextUploadIdMarker'> | undefined
    do {
      const from = { KeyMarker: marker?.NextKeyMarker, UploadIdMarker: marker?.NextUploadIdMarker }
      const command = new ListMultipartUploadsCommand({ Bucket: this.#objects.bucket, ...from })
      const page = await this.#objects.client.send(command).catch(nullIfMissing)
      yield* page?.Uploads ?? []
      marker = page?.IsTruncated ? page : undefined
    } while (marker)
  }
}
