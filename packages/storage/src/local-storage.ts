import { randomUUID } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ObjectNotFoundError, StorageFullError, TooLargeError } from './errors.ts'
import { assertFolder, assertStorageKey } from './keys.ts'
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
  readonly #rootDir: string

  constructor(rootDir: string) {
    this.#rootDir = rootDir
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

  async delete(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true })
  }

  async deleteUnder(folder: string): Promise<void> {
    assertFolder(folder)
    await rm(join(this.#rootDir, folder), { force: true, recursive: true })
  }

  async *list(folder: string): AsyncGenerator<StoredObject> {
    assertFolder(folder)
    for await (const entry of readFolder(join(this.#rootDir, folder))) {
      const key = `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        yield* this.list(key)
        continue
      }
      const object = await statObject(key, join(this.#rootDir, key))
      if (object) yield object
    }
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

function limitBytes(maxBytes: number) {
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) throw new TooLargeError(maxBytes)
      yield chunk
    }
  }
}

/** Renames durably: a name survives a power cut once its folder is synced. */
async function renameDurably(from: string, to: string): Promise<void> {
  const newFolder = await mkdir(dirname(to), { recursive: true })
  await rename(from, to)
  await syncFolder(dirname(to))
  if (newFolder) await syncFolder(dirname(newFolder))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  await folder.sync().finally(() => folder.close())
}

/**
 * Yields the entries of a folder, so that a big folder is never held in memory; none if it is
 * missing.
 */
async function* readFolder(path: string): AsyncGenerator<Dirent> {
  const folder = await opendir(path).catch((error) => {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  })
  if (folder) yield* folder
}

async function statObject(key: string, path: string): Promise<StoredObject | null> {
  const found = await stat(path).catch((error) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  })
  return found?.isFile() ? { key, sizeBytes: found.size, modifiedAt: found.mtime } : null
}

function throwNotFound(error: unknown, key: string): never {
  throw hasCode(error, 'ENOENT', 'ENOTDIR') ? new ObjectNotFoundError(key, { cause: error }) : error
}

/** No bytes, inodes or quota left. */
function throwFull(error: unknown): never {
  throw hasCode(error, 'ENOSPC', 'EDQUOT') ? new StorageFullError({ cause: error }) : error
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
