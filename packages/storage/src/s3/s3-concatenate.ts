import { buffer } from 'node:stream/consumers'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { ObjectNotFoundError } from '../errors.ts'
import { contentTypeOf } from './content-type.ts'
import { asFull, isMissing, nullIfMissing, type S3Objects } from './s3-objects.ts'

/** The least and the most that S3 takes as a part; the last one may be smaller. */
export const MIN_PART_BYTES = 5 * 1024 ** 2
const MAX_PART_BYTES = 5 * 1024 ** 3

/** Bytes of an object that become one part, or belong to one. */
interface Piece {
  name: string
  firstByte: number
  bytes: number
}

/**
 * Makes one object of several within the store. Bytes come here only where a piece is too small for
 * a part of its own, and then at most a part's worth at a time.
 *
 * @throws ObjectNotFoundError, StorageFullError; then nothing is left
 */
export async function concatenateObjects(
  objects: S3Objects,
  from: readonly string[],
  to: string,
): Promise<{ sizeBytes: number }> {
  const sources = await Promise.all(from.map((name) => wholeOf(objects, name)))
  const sizeBytes = sources.reduce((sum, { bytes }) => sum + bytes, 0)
  if (sizeBytes < MIN_PART_BYTES) {
    const headers = { ContentType: contentTypeOf(to) }
    await objects.put(to, await readAll(objects, sources), headers)
    return { sizeBytes }
  }
  const begun = new CreateMultipartUploadCommand({ ...objects.at(to), ContentType: contentTypeOf(to) })
  const { UploadId } = await objects.client.send(begun).catch((error) => {
    throw asFull(error)
  })
  const upload = { ...objects.at(to), UploadId }
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = []
    for (const pieces of partsOf(sources)) {
      const part = { ...upload, PartNumber: Parts.length + 1 }
      Parts.push({ PartNumber: part.PartNumber, ETag: await sendPart(objects, part, pieces) })
    }
    await objects.client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
    return { sizeBytes }
  } catch (error) {
    await objects.client.send(new AbortMultipartUploadCommand(upload)).catch(nullIfMissing)
    throw asFull(error)
  }
}

async function wholeOf(objects: S3Objects, name: string): Promise<Piece> {
  const head = await objects.head(name)
  if (!head) throw new ObjectNotFoundError(name)
  return { name, firstByte: 0, bytes: head.ContentLength ?? 0 }
}

/** What each part is made of: one piece that is large enough, or several that are together. */
export function partsOf(sources: Piece[]): Piece[][] {
  const parts: Piece[][] = []
  let open: Piece[] = []
  let openBytes = 0
  const close = () => {
    if (open.length > 0) parts.push(open)
    open = []
    openBytes = 0
  }
  const add = (piece: Piece) => {
    open.push(piece)
    openBytes += piece.bytes
    if (openBytes >= MIN_PART_BYTES) close()
  }
  for (const { name, bytes } of sources) {
    let firstByte = 0
    while (firstByte < bytes) {
      const left = bytes - firstByte
      const wanted = openBytes > 0 ? MIN_PART_BYTES - openBytes : MAX_PART_BYTES
      add({ name, firstByte, bytes: Math.min(left, wanted) })
      firstByte += Math.min(left, wanted)
    }
  }
  close()
  return parts
}

async function sendPart(
  objects: S3Objects,
  part: { Bucket: string; Key: string; UploadId: string | undefined; PartNumber: number },
  pieces: Piece[],
): Promise<string | undefined> {
  const [only, ...others] = pieces
  if (!only || others.length > 0) {
    const Body = await readAll(objects, pieces)
    return (await objects.client.send(new UploadPartCommand({ ...part, Body }))).ETag
  }
  const { name, firstByte, bytes } = only
  const source = {
    CopySource: `${objects.bucket}/${name}`,
    CopySourceRange: `bytes=${firstByte}-${firstByte + bytes - 1}`,
  }
  const copied = await objects.client.send(new UploadPartCopyCommand({ ...part, ...source })).catch((error) => {
    throw isMissing(error) ? new ObjectNotFoundError(name, { cause: error }) : error
  })
  return copied.CopyPartResult?.ETag
}

async function readAll(objects: S3Objects, pieces: Piece[]): Promise<Buffer> {
  const contents: Buffer[] = []
  for (const { name, firstByte, bytes } of pieces) {
    if (bytes === 0) continue
    const { body } = await objects.read(name, { firstByte, lastByte: firstByte + bytes - 1 })
    contents.push(await buffer(body))
  }
  return Buffer.concat(contents)
}
