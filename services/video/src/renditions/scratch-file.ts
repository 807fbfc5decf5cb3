import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { throwFull } from '@fanone/storage'

/**
 * Lends a file that has no name, so that it is gone when this process is, however it ends.
 *
 * @param folder on a disk with room for it
 * @throws StorageFullError where there is none, or the error of `use`
 */
export async function withScratchFile<Result>(
  folder: string,
  use: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true }).catch(throwFull)
  const path = join(folder, randomUUID())
  const file = await open(path, 'wx+', 0o600).catch(throwFull)
  try {
    await rm(path)
    return await use(file)
  } catch (error) {
    throwFull(error)
  } finally {
    await file.close()
  }
}

/** Removes names of files that a process ended before it could: nobody needs them. */
export async function clearScratch(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  await Promise.all(names.map((name) => rm(join(folder, name), { force: true })))
}
