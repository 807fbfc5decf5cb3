import { randomUUID } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ObjectNotFoundError } from './errors.ts'
import { assertFolder, assertStorageKey } from './keys.ts'
import { limitBytes } from './limit-bytes.ts'
import { listFolder, readFolder, renameDurably, statObject, throwFull, throwNotFound } from './local-files.ts'
import { LocalGrowingObjects } from './local-growing.ts'
import { serveFolder } from './serve.ts'
import type { ByteRange, PutOptions, Storage, StoredObject } from './storage.ts'

/** Transfers in progress. No key can begin with a dot, so nothing in here can be read or listed. */
const INCOMING = '.incoming'
const WRITE_BUFFER_BYTES = 1024 * 1024

/**
 * Storage on a disk of this machine. All processes that share the files must see the same folder.
 *
 * @param options.rootDir made when the first object arrives; must be one file system, because
 *   objects are renamed into place
 */
export function createLocalStorage(options: { rootDir: string }): Storage {
  return new LocalStorage(resolve(options.rootDir))
}

class LocalStorage implements Storage {
  readonly growing: LocalGrowingObjects
  readonly #rootDir: string

  constructor(rootDir: string) {
    this.#rootDir = rootDir
    this.growing = new LocalGrowingObjects(rootDir)
  }

  async put(key: string, source: AsyncIterable<Uint8Array>, options: PutOptions = {}): Promise<{ sizeBytes: number }> {
    const path = this.#pathOf(key)
    const temporary = join(this.#rootDir, INCOMING, randomUUID())
    try {
      const sizeBytes = await this.#writeDurably(temporary, source, options)
      await renameDurably(temporary, path)
      return { sizeBytes }
    } catch (error) {
      await rm(temporary, { force: true })
      throwFull(error)
    }
  }

  async stat(key: string): Promise<StoredObject | null> {
    return statObject(key, this.#pathOf(key))
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.#pathOf(key)).catch((error) => throwNotFound(error, key))
    return file.createReadStream({
      ...(range && { start: range.firstByte }),
      ...(range?.lastByte !== undefined && { end: range.lastByte }),
    })
  }

  async move(from: string, to: string): Promise<void> {
    await renameDurably(this.#pathOf(from), this.#pathOf(to))
      .catch((error) => throwNotFound(error, from))
      .catch(throwFull)
  }

  async concatenate(from: readonly string[], to: string): Promise<{ sizeBytes: number }> {
    for (const key of from) assertStorageKey(key)
    const read = (key: string) => this.read(key)
    return await this.put(
      to,
      (async function* () {
        for (const key of from) yield* await read(key)
      })(),
    )
  }

  async delete(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true })
  }

  async deleteUnder(folder: string): Promise<void> {
    assertFolder(folder)
    await rm(join(this.#rootDir, folder), { force: true, recursive: true })
  }

  async *list(folder: string): AsyncGenerator<StoredObject> {
    assertFolder(folder)
    yield* listFolder(this.#rootDir, folder)
  }

  async withLocalFile<Result>(key: string, use: (path: string) => Promise<Result>): Promise<Result> {
    if (!(await this.stat(key))) throw new ObjectNotFoundError(key)
    return await use(this.#pathOf(key))
  }

  async deleteAbandonedTransfers(idleMs: number): Promise<number> {
    let removed = 0
    for await (const entry of readFolder(join(this.#rootDir, INCOMING))) {
      const path = join(this.#rootDir, INCOMING, entry.name)
      const transfer = await statObject(entry.name, path)
      if (!transfer || Date.now() - transfer.modifiedAt.getTime() < idleMs) continue
      await rm(path, { force: true })
      removed += 1
    }
    return removed
  }

  serve() {
    return serveFolder(join(this.#rootDir, 'media'))
  }

  #pathOf(key: string): string {
    assertStorageKey(key)
    return join(this.#rootDir, key)
  }

  async #writeDurably(path: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<number> {
    await mkdir(dirname(path), { recursive: true })
    // Opened before the stream exists, so that cleaning up after a failure finds the name.
    const file = await open(path, 'wx')
    const sink = file.createWriteStream({ flush: true, highWaterMark: WRITE_BUFFER_BYTES })
    await pipeline(source, limitBytes(options.maxBytes ?? Number.POSITIVE_INFINITY), sink, {
      ...(options.signal && { signal: options.signal }),
    })
    return sink.bytesWritten
  }
}
