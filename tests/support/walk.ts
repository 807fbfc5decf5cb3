import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Everything under a folder, with the folder before each name. What is removed meanwhile is left
 * out, where Node's own recursion fails.
 */
export async function walk(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const below = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map(({ name }) => walk(join(folder, name))),
  )
  return [...entries, ...below.flat()]
}
