import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Settings, stackPaths } from './settings.ts'

/** Puts the built site where the gateway looks for it unless `SITE_FOLDER` is set. */
export function placeSite(settings: Settings, folder: string): void {
  const { run } = stackPaths(settings)
  mkdirSync(run, { recursive: true })
  const link = join(run, 'site')
  rmSync(`${link}.new`, { force: true })
  symlinkSync(folder, `${link}.new`)
  renameSync(`${link}.new`, link)
}
