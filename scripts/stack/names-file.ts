import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Settings, stackPaths } from './settings.ts'

/**
 * Makes the file by which sidecars find each other, in the mode that they all ask for. SQLite lets
 * nobody wait for a change of mode: of sidecars that start together some found it locked.
 */
export function prepareNamesFile(settings: Settings): void {
  const { run } = stackPaths(settings)
  mkdirSync(run, { recursive: true, mode: 0o700 })
  const file = join(run, 'names.db')
  closeSync(openSync(file, 'a', 0o600))
  const names = new DatabaseSync(file)
  names.exec('pragma journal_mode = wal')
  names.close()
}
