import { Readable } from 'node:stream'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { ObjectNotFoundError, StorageFullError } from '../errors.ts'
import type { ByteRange, StoredObject } from '../storage.ts'

/** What the store keeps beside the bytes: names in lower case, ASCII texts. */
export type Metadata = Record<string, string>

/** One bucket, object by object. Names are whatever S3 takes; who checks keys stands above. */
export class S3Objects {
  readonly client: S3Client
  readonly bucket: string

  constructor(options: { client: S3Client; bucket: string }) {
    this.client = options.client
    this.bucket = options.bucket
  }

  /** Where an object is, as every command names it. */
  at(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: name }
  }

  async head(name: string): Promise<HeadObjectCommandOutput | null> {
    return await this.client.send(new HeadObjectCommand(this.at(name))).catch((error) => nullIfMissing(error))
  }

  /** @throws ObjectNotFoundError */
  async read(name: string, range?: ByteRange): Promise<{ body: Readable; metadata: Metadata }> {
    const Range = range && `bytes=${range.firstByte}-${range.lastByte ?? ''}`
    const command = new GetObjectCommand({ ...this.at(name), ...(Range && { Range }) })
    const answer = await this.client.send(command).catch((error) => {
      // S3 refuses every range of an empty object, and what begins behind the end.
      if (statusOf(error) === 416) return undefined
      throw isMissing(error) ? new ObjectNotFoundError(name, { cause: error }) : error
    })
    return { body: (answer?.Body as Readable | undefined) ?? Readable.from([]), metadata: answer?.Metadata ?? {} }
  }

  async put(name: string, bytes: Uint8Array, headers: { Metadata?: Metadata; ContentType?: string } = {}) {
    await this.client.send(new PutObjectCommand({ ...this.at(name), Body: bytes, ...headers })).catch(throwFull)
  }

  /** Copies within the store. @throws ObjectNotFoundError, StorageFullError */
  async copy(from: string, to: string, headers: { ContentType?: string }): Promise<void> {
    const source = { CopySource: `${this.bucket}/${from}`, MetadataDirective: 'REPLACE' as const }
    await this.client.send(new CopyObjectCommand({ ...this.at(to), ...source, ...headers })).catch((error) => {
      throw isMissing(error) ? new ObjectNotFoundError(from, { cause: error }) : asFull(error)
    })
  }

  async delete(name: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.at(name)))
  }

  async deleteUnder(prefix: string): Promise<void> {
    let names: { Key: string }[] = []
    const flush = async () => {
      if (names.length === 0) return
      const Delete = { Objects: names, Quiet: true }
      const { Errors = [] } = await this.client.send(new DeleteObjectsCommand({ Bucket: this.bucket, Delete }))
      if (Errors[0]) throw new Error(`${Errors[0].Key} could not be removed: ${Errors[0].Message}`)
      names = []
    }
    for await (const { key } of this.list(prefix)) {
      names.push({ Key: key })
      if (names.length === 1_000) await flush()
    }
    await flush()
  }

  /** By name, so that what one folder holds follows each other. */
  async *list(prefix: string): AsyncGenerator<StoredObject> {
    let ContinuationToken: string | undefined
    do {
      const page = { Bucket: this.bucket, Prefix: prefix, ...(ContinuationToken && { ContinuationToken }) }
      const answer = await this.client.send(new ListObjectsV2Command(page))
      for (const { Key = '', Size = 0, LastModified = new Date() } of answer.Contents ?? [])
        if (!Key.endsWith('/')) yield { key: Key, sizeBytes: Size, modifiedAt: LastModified }
      ContinuationToken = answer.IsTruncated ? answer.NextContinuationToken : undefined
    } while (ContinuationToken)
  }
}

/** The status that S3 answered, if it did. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode
}

export const isMissing = (error: unknown): boolean =>
  ['NoSuchKey', 'NotFound', 'NoSuchUpload'].includes((error as Error | undefined)?.name ?? '') ||
  statusOf(error) === 404

export function nullIfMissing(error: unknown): null {
  if (isMissing(error)) return null
  throw error
}

const FULL = ['QuotaExceeded', 'XMinioStorageFull', 'InsufficientCapacity']

/** No room, as S3 servers say it; AWS itself never does. */
export function asFull(error: unknown): unknown {
  const isFull = FULL.includes((error as Error | undefined)?.name ?? '') || statusOf(error) === 507
  return isFull ? new StorageFullError({ cause: error }) : error
}

export function throwFull(error: unknown): never {
  throw asFull(error)
}
