import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isRunning, readRecords } from '../stack/processes.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import { writePrivate } from '../stack/write-private.ts'

/** What a restore brings. */
const replaced = ['secrets', 'data'] as const
/** What is in `data` and belongs to no backup: the bucket, and what was measured. */
const lasting = ['s3', 'prometheus', 'alertmanager']

/** A restore that only has to change folders; it is written down before the first is moved. */
interface SwitchOver {
  /** The backup that is restored. */
  backup: string
  /** The folder in the home where what was there before is kept. */
  kept: string
}

const noteFile = (settings: Settings) => join(stackPaths(settings).restoring, 'switch-over.json')

/** The switch-over that is due or was interrupted. Until it is done nothing may start. */
export function pendingSwitchOver(settings: Settings): SwitchOver | undefined {
  const file = noteFile(settings)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SwitchOver) : undefined
}

/** @throws Error while a restore runs in this home, or while the end of one is due */
export function refuseDuringRestore(settings: Settings): void {
  refuseBesideRestore(settings)
  const pending = pendingSwitchOver(settings)
  if (pending) throw new Error(`A restore was interrupted; finish it with npm run restore -- ${pending.backup}`)
}

/** @throws Error while a restore runs in this home */
export function refuseBesideRestore(settings: Settings): void {
  const { processes } = stackPaths({ ...settings, home: stackPaths(settings).restoring })
  const restore = readRecords(processes).find((record) => record.kind === 'command' && isRunning(record))
  if (restore) throw new Error(`A restore is running (pid ${restore.pid})`)
}

/** Notes that what is in the folder `restoring` is whole. */
export function announceSwitchOver(settings: Settings, backup: string): void {
  const time = new Date().toISOString().replace(/\.\d+|[-:]/g, '')
  const note: SwitchOver = { backup, kept: join(settings.home, `before-restore-${time}`) }
  writePrivate(noteFile(settings), JSON.stringify(note))
}

/**
 * Puts the restored folders in their places and what was there aside. It may be killed after any
 * step: a second run goes on.
 *
 * @param rename takes the place of the one that moves folders, for tests of every step
 * @returns where what was there before is kept, if there was anything
 */
export function switchOver(settings: Settings, rename = renameSync): string | undefined {
  const moveIfThere = (from: string, to: string) => {
    if (existsSync(from)) rename(from, to)
  }
  const note = pendingSwitchOver(settings)
  if (!note) throw new Error(`There is nothing to switch to in ${stackPaths(settings).restoring}`)
  const { home } = settings
  mkdirSync(note.kept, { recursive: true, mode: 0o700 })
  for (const name of replaced) {
    const restored = join(stackPaths(settings).restoring, name)
    if (!existsSync(restored)) continue // moved already
    moveIfThere(join(home, name), join(note.kept, name))
    rename(restored, join(home, name))
  }
  const words = 'sensitive-words.txt'
  if (!existsSync(join(home, words))) moveIfThere(join(stackPaths(settings).restoring, words), join(home, words))
  for (const name of lasting) moveIfThere(join(note.kept, 'data', name), join(home, 'data', name))
  rmSync(stackPaths(settings).replayed, { force: true })
  const hadData = replaced.some((name) => existsSync(join(note.kept, name)))
  if (!hadData) rmSync(note.kept, { recursive: true })
  rmSync(stackPaths(settings).restoring, { recursive: true })
  return hadData ? note.kept : undefined
}
