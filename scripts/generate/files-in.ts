import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The paths of all files below a folder, the folder before each, in their order. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
