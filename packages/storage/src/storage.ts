import type { Readable } from 'node:stream'
import type { RequestHandler } from 'express'

/** What is known about a stored object without reading it. */
export interface StoredObject {
  key: string
  sizeBytes: number
  /** When its last byte was written; moving does not change it. */
  modifiedAt: Date
}

export interface PutOptions {
  /** Ends the transfer; nothing is kept. */
  signal?: AbortSignal
  /** More than this and the transfer ends with `TooLargeError`. */
  maxBytes?: number
}

/** Both ends inclusive, counted from 0, as in an HTTP range. */
export interface ByteRange {
  firstByte: number
  lastByte?: number
}

/**
 * Where media files live. Keys are made by us, never by a client: lower-case letters, digits and `-`, folders divided by
 * `/`, one extension at most. A key that is anything else is refused with `InvalidKeyError` by every method.
 *
 * Layout: `uploads/<uploadId>` holds incoming bytes; `media/<uploadId>/video.mp4`, `…/video.webm` and `…/cover.jpg` are
 * public under the part of the key that follows `media/`.
 */
export interface Storage {
  /**
   * Stores a stream in constant memory, replacing what the key held. The key shows all of the bytes or none of them: a source
   * that fails or ends early, an abort and a full disk leave nothing behind. Throws `StorageFullError`, `TooLargeError`, or the
   * error of the source.
   */
  put(key: string, source: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<{ sizeBytes: number }>

  /** What is stored under the key, or null. */
  stat(key: string): Promise<StoredObject | null>

  /** A stream over the bytes. Throws `ObjectNotFoundError` before anything is read. */
  read(key: string, range?: ByteRange): Promise<Readable>

  /** Renames without copying, replacing what `to` held. Throws `ObjectNotFoundError`, `StorageFullError`; then nothing has moved. */
  move(from: string, to: string): Promise<void>

  /** Removes one object; harmless when there is none. */
  delete(key: string): Promise<void>

  /** Removes every object whose key starts with `<folder>/`; harmless when there is none. */
  deleteUnder(folder: string): Promise<void>

  /** Every object whose key starts with `<folder>/`. Objects of one folder follow each other; no other order is promised. */
  list(folder: string): AsyncIterable<StoredObject>

  /**
   * Lends the object as a file, for programs that need one. The path is good until `use` is done; do not write to it.
   * Throws `ObjectNotFoundError`.
   */
  withLocalFile<Result>(key: string, use: (path: string) => Promise<Result>): Promise<Result>

  /**
   * Removes what transfers left behind that were killed half-way and have not moved for a while.
   *
   * @param idleMs how long without a byte makes a transfer abandoned
   * @returns how many were removed
   */
  deleteAbandonedTransfers(idleMs: number): Promise<number>

  /**
   * Answers GET and HEAD for objects under `media/`, the request path being the rest of the key; ranges and conditional
   * requests included. What is not there, or not public, goes on to the next handler.
   */
  serve(): RequestHandler
}
