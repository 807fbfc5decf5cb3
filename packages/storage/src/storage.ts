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

export interface AppendOptions {
  /** How many bytes there are already; with 0 the object begins. */
  offsetBytes: number
  /** More than this in one append and it ends with `TooLargeError`. */
  maxBytes?: number
}

/** Both ends inclusive, counted from 0, as in an HTTP range. */
export interface ByteRange {
  firstByte: number
  lastByte?: number
}

/**
 * Objects that arrive in several goes and may be interrupted in each: nothing under the key can be
 * read, listed or moved by `Storage` before `finish`. All of it is kept in the store, so any
 * process may go on with what another began.
 *
 * One append of a key at a time: the caller keeps others out (a lease in a database). An adapter
 * must bear a late one whose lease was lost, as long as it brings the same bytes for the same
 * place: it writes at its place, not "at the end".
 *
 * For S3, which can neither append nor rename nor truncate: bytes go out as parts of 5 MiB and
 * more; a shorter rest is an object beside them, read again by the next append. What this
 * interface tells of an object must be read from the store, not remembered.
 */
export interface GrowingObjects {
  /**
   * Adds a stream at the end, in constant memory. It resolves when all bytes are durable.
   *
   * When the source fails what came before stays and is durable when this rejects,
   * with the error of the source. `StorageFullError` and `TooLargeError` take back what this append
   * wrote.
   *
   * @returns the size of the whole
   * @throws OffsetMismatchError where `offsetBytes` is not the size; nothing of the source was read
   */
  append(key: string, source: AsyncIterable<Uint8Array>, options: AppendOptions): Promise<{ sizeBytes: number }>

  /** How much there is, durably; null if nothing was begun under the key, or it is finished. */
  stat(key: string): Promise<StoredObject | null>

  /**
   * Makes it the object under the key, replacing one that is there, without copying. Throws
   * `ObjectNotFoundError` where nothing grows.
   */
  finish(key: string): Promise<{ sizeBytes: number }>

  /** Removes what grows under the key, if anything does; never a finished object. */
  delete(key: string): Promise<void>

  /** Yields what grows under `<folder>/`, with the time of its last append. */
  list(folder: string): AsyncIterable<StoredObject>
}

/**
 * Where media files live. Servers make the keys, never clients: lower-case letters, digits and `-`,
 * folders divided by `/`, at most one extension. Every method refuses other keys with
 * `InvalidKeyError`.
 *
 * Layout: `uploads/<uploadId>` holds incoming bytes, `chunks/<uploadId>/<number>` those that come
 * in any order; `media/<uploadId>/video.mp4`, `…/video.webm`
 * and `…/cover.jpg` are public under the part of the key after `media/`.
 */
export interface Storage {
  /** Objects that arrive in several goes. */
  readonly growing: GrowingObjects

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

  /**
   * Stores the bytes of several objects, one after the other, as one; they stay. All or nothing,
   * like `put`; bytes pass this process only where the store cannot copy by itself. Throws
   * `ObjectNotFoundError` or `StorageFullError`.
   */
  concatenate(from: readonly string[], to: string): Promise<{ sizeBytes: number }>

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
