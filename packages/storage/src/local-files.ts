import type { Dirent } from 'node:fs'
import { mkdir, open, opendir, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ObjectNotFoundError, StorageFullError } from './errors.ts'
import type { StoredObject } from './storage.ts'

/** Renames durably: a name survives a power cut once its folder is synced. */
export async function renameDurably(from: string, to: string): Promise<void> {
  const newFolder = await mkdir(dirname(to), { recursive: true })
  await rename(from, to)
  await syncFolder(dirname(to))
  if (newFolder) await syncFolder(dirname(newFolder))
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  await folder.sync().finally(() => folder.close())
}

/**
 * Yields the entries of a folder, so that a big folder is never held in memory; none if it is
 * missing.
 */
export async function* readFolder(path: string): AsyncGenerator<Dirent> {
  const folder = await opendir(path).catch((error) => {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  })
  if (folder) yield* folder
}

/** Every object under a folder, as keys beneath `folder`. */
export async function* listFolder(rootDir: string, folder: string): AsyncGenerator<StoredObject> {
  for await (const entry of readFolder(join(rootDir, folder))) {
    const key = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      yield* listFolder(rootDir, key)
      continue
    }
    const object = await statObject(key, join(rootDir, key))
    if (object) yield object
  }
}

export async function statObject(key: string, path: string): Promise<StoredObject | null> {
  const found = await stat(path).catch((error) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return null
    throw error
  })
  return found?.isFile() ? { key, sizeBytes: found.size, modifiedAt: found.mtime } : null
}

export function throwNotFound(error: unknown, key: string): never {
  throw hasCode(error, 'ENOENT', 'ENOTDIR') ? new ObjectNotFoundError(key, { cause: error }) : error
}

/** Throws `StorageFullError` for a disk without bytes, inodes or quota left; else the error. */
export function throwFull(error: unknown): never {
  throw hasCode(error, 'ENOSPC', 'EDQUOT') ? new StorageFullError({ cause: error }) : error
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
