import { constants, type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ObjectNotFoundError, OffsetMismatchError, StorageFullError, TooLargeError } from './errors.ts'
import { assertFolder, assertStorageKey } from './keys.ts'
import { limitBytes } from './limit-bytes.ts'
import { listFolder, renameDurably, syncFolder, throwFull, throwNotFound } from './local-files.ts'
import type { AppendOptions, GrowingObjects, StoredObject } from './storage.ts'

/** What grows. No key can begin with a dot, so nothing in here can be read or listed. */
const GROWING = '.growing'
const BATCH_BYTES = 1024 * 1024

/** Growing objects as files, renamed into place when they are finished. */
export class LocalGrowingObjects implements GrowingObjects {
  readonly #rootDir: string
  readonly #folder: string

  constructor(rootDir: string) {
    this.#rootDir = rootDir
    this.#folder = join(rootDir, GROWING)
  }

  async append(key: string, source: AsyncIterable<Uint8Array>, options: AppendOptions): Promise<{ sizeBytes: number }> {
    const file = await this.#open(key, options.offsetBytes).catch(throwFull)
    try {
      const { size } = await file.stat()
      if (size !== options.offsetBytes) throw new OffsetMismatchError(size)
      return { sizeBytes: await writeDurably(file, source, options) }
    } catch (error) {
      throwFull(error)
    } finally {
      await file.close()
    }
  }

  async stat(key: string): Promise<StoredObject | null> {
    const file = await open(this.#pathOf(key), 'r+')
      .catch((error) => throwNotFound(error, key))
      .catch(nullIfNotFound)
    if (!file) return null
    try {
      // An append that was killed leaves bytes that only the page cache has.
      await file.datasync()
      const { size, mtime } = await file.stat()
      return { key, sizeBytes: size, modifiedAt: mtime }
    } finally {
      await file.close()
    }
  }

  async finish(key: string): Promise<{ sizeBytes: number }> {
    const object = await this.stat(key)
    if (!object) throw new ObjectNotFoundError(key)
    await renameDurably(this.#pathOf(key), join(this.#rootDir, key))
      .catch((error) => throwNotFound(error, key))
      .catch(throwFull)
    return { sizeBytes: object.sizeBytes }
  }

  async delete(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true })
  }

  async *list(folder: string): AsyncGenerator<StoredObject> {
    assertFolder(folder)
    yield* listFolder(this.#folder, folder)
  }

  /** The file of a key; a new one is durable by name before anything is said of it. */
  async #open(key: string, offsetBytes: number): Promise<FileHandle> {
    const path = this.#pathOf(key)
    if (offsetBytes > 0)
      return await open(path, 'r+').catch((error) => {
        if (error.code === 'ENOENT') throw new OffsetMismatchError(0)
        throw error
      })
    const newFolder = await mkdir(dirname(path), { recursive: true })
    const file = await open(path, constants.O_RDWR | constants.O_CREAT)
    await syncFolder(dirname(path))
    if (newFolder) await syncFolder(dirname(newFolder))
    return file
  }

  #pathOf(key: string): string {
    assertStorageKey(key)
    return join(this.#folder, key)
  }
}

/** @returns the size of the file */
async function writeDurably(
  file: FileHandle,
  source: AsyncIterable<Uint8Array>,
  options: AppendOptions,
): Promise<number> {
  const { offsetBytes, maxBytes = Number.POSITIVE_INFINITY } = options
  const writer = new BatchWriter(file, offsetBytes)
  try {
    for await (const chunk of limitBytes(maxBytes)(source)) await writer.add(chunk)
  } catch (error) {
    await settle(file, writer, { offsetBytes, isRefused: error instanceof TooLargeError })
    throw error
  }
  await settle(file, writer, { offsetBytes, isRefused: false })
  return writer.endBytes
}

/** Makes what came durable, or takes it back where it was refused or has no room. */
async function settle(
  file: FileHandle,
  writer: BatchWriter,
  { offsetBytes, isRefused }: { offsetBytes: number; isRefused: boolean },
): Promise<void> {
  try {
    await writer.flush()
    if (isRefused) await file.truncate(offsetBytes)
    await file.datasync()
  } catch (error) {
    await file.truncate(offsetBytes)
    await file.datasync()
    throw error
  }
}

/** Writes in batches at a place of its own, one while the next is collected. */
class BatchWriter {
  readonly #file: FileHandle
  #batch: Uint8Array[] = []
  #batchBytes = 0
  #writing: Promise<void> = Promise.resolve()
  /** Where the next byte goes. */
  endBytes: number

  constructor(file: FileHandle, startBytes: number) {
    this.#file = file
    this.endBytes = startBytes
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#batch.push(chunk)
    this.#batchBytes += chunk.byteLength
    if (this.#batchBytes >= BATCH_BYTES) await this.#startWriting()
  }

  async flush(): Promise<void> {
    await this.#startWriting()
    await this.#writing
  }

  async #startWriting(): Promise<void> {
    await this.#writing
    const batch = this.#batch
    const place = this.endBytes
    this.endBytes += this.#batchBytes
    this.#batch = []
    this.#batchBytes = 0
    this.#writing = writeAll(this.#file, batch, place)
    // Its failure is met where it is awaited.
    this.#writing.catch(() => undefined)
  }
}

/** A disk that is getting full writes less than it was given. */
async function writeAll(file: FileHandle, batch: Uint8Array[], place: number): Promise<void> {
  const total = batch.reduce((sum, { byteLength }) => sum + byteLength, 0)
  if (total === 0) return
  let { bytesWritten } = await file.writev(batch, place)
  const rest = bytesWritten < total ? Buffer.concat(batch) : undefined
  while (rest && bytesWritten < total) {
    const written = await file.write(rest, bytesWritten, total - bytesWritten, place + bytesWritten)
    if (written.bytesWritten === 0) throw new StorageFullError()
    bytesWritten += written.bytesWritten
  }
}

function nullIfNotFound(error: unknown): null {
  if (error instanceof ObjectNotFoundError) return null
  throw error
}
