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
 * Where media files live. Servers make the keys, never clients: lower-case letters, digits and `-`,
 * folders divided by `/`, at most one extension. Every method refuses other keys with
 * `InvalidKeyError`.
 *
 * Layout: `uploads/<uploadId>` holds incoming bytes; `media/<uploadId>/video.mp4`, `…/video.webm`
 * and `…/cover.jpg` are public under the part of the key after `media/`.
 */
export interface Storage {
  /**
   * Stores a stream in constant memory, replacing the object under the key. All or nothing: a
   * source that fails or ends early, an abort and a full disk leave no trace. Throws
   * `StorageFullError`, `TooLargeError`, or the error of the source.
   */
  put(key: string, source: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<{ sizeBytes: number }>

  /** Describes the object under the key; null if there is none. */
  stat(key: string): Promise<StoredObject | null>

  /** A stream over the bytes. Throws `ObjectNotFoundError` before anything is read. */
  read(key: string, range?: ByteRange): Promise<Readable>

  /**
   * Renames without copying, replacing the object under `to`. Throws `ObjectNotFoundError` or
   * `StorageFullError`; then nothing has moved.
   */
  move(from: string, to: string): Promise<void>

  /** Removes an object if it exists. */
  delete(key: string): Promise<void>

  /** Removes all objects whose key starts with `<folder>/`. */
  deleteUnder(folder: string): Promise<void>

  /**
   * Yields all objects whose key starts with `<folder>/`. Objects of one folder follow each other;
   * otherwise the order is not defined.
   */
  list(folder: string): AsyncIterable<StoredObject>

  /**
   * Lends the object as a file, for programs that need a path. The path is valid until `use` is
   * done; do not write to it. Throws `ObjectNotFoundError`.
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
   * Answers GET and HEAD for objects under `media/` (the request path is the rest of the key), with
   * ranges and conditional requests. Missing and private objects go to the next handler.
   */
  serve(): RequestHandler
}
