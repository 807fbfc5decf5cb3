import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { backupsIn, openBackup, secretsBeside } from '../backup/backup-folder.ts'
import { readSecretsFor } from '../backup/keys.ts'
import { recordOwnCommand } from '../backup/own-parts.ts'
import { checkFit, prepareRestore } from '../backup/restore-backup.ts'
import { pendingSwitchOver, refuseBesideRestore, switchOver } from '../backup/switch-over.ts'
import { installPackages, missingPackages } from '../setup/debian-packages.ts'
import { isRunning, readRecords } from '../stack/processes.ts'
import { isUp } from '../stack/readiness.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import { stopStack } from './stop.ts'

const USAGE = 'npm run restore -- <folder of a backup> [--secrets <file>] [--yes]'

/**
 * `npm run restore -- <folder>`: brings an installation that is stopped back to a backup. What was
 * there is replaced once all is put together and checked, and kept beside.
 */
export async function restore(settings: Settings, args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { secrets: { type: 'string' }, yes: { type: 'boolean', default: false } },
  })
  const [named, ...more] = positionals
  if (named === undefined || more.length > 0) throw new Error(USAGE)
  const backup = resolve(named)
  await requireStopped(settings)
  const pending = pendingSwitchOver(settings)
  if (pending) {
    finish(settings, pending.backup)
    if (pending.backup !== backup) throw new Error(`That was an interrupted restore; say it again to restore ${backup}`)
    return 0
  }
  const description = await openBackup(backup).catch((error: Error) => explain(error, backup))
  checkFit(settings, description)
  const secrets = await readSecretsFor(description.keys, resolve(values.secrets ?? secretsBeside(backup)))
  if (!values.yes && !mayReplace(settings, description.takenAt)) return 1
  const packages = missingPackages({ withMonitoring: false })
  if (packages.length > 0) await installPackages(packages)
  const staged = await emptyStage(settings)
  recordOwnCommand(staged, 'restore')
  await prepareRestore({ settings, backup, description, secrets, report: console.log })
  finish(settings, backup)
  return 0
}

/** @throws Error while anything of this installation runs, another restore included */
async function requireStopped(settings: Settings): Promise<void> {
  const isLeft = readRecords(stackPaths(settings).processes).some(isRunning)
  if (isLeft || (await isUp(settings))) throw new Error('FanOne is running; end it with npm stop')
  refuseBesideRestore(settings)
}

async function explain(error: Error, folder: string): Promise<never> {
  const inside = await backupsIn(folder)
  throw inside.length === 0 ? error : new Error(`${error.message}. Backups in it: ${inside.join(' ')}`)
}

/** Data are replaced only where that was wanted. */
function mayReplace(settings: Settings, takenAt: string): boolean {
  const present = ['data', 'secrets'].map((name) => join(settings.home, name)).filter((path) => existsSync(path))
  if (present.length === 0) return true
  console.error(`This takes ${present.join(' and ')} back to ${takenAt}; say --yes to do it`)
  return false
}

/** A new folder to put things together in; what an interrupted restore left there ends. */
async function emptyStage(settings: Settings): Promise<Settings> {
  const staged = stagedIn(settings)
  await stopStack(staged)
  await rm(staged.home, { recursive: true, force: true })
  await mkdir(stackPaths(staged).run, { recursive: true, mode: 0o700 })
  return staged
}

function finish(settings: Settings, backup: string): void {
  const kept = switchOver(settings)
  console.log(`Restored ${backup}. Next: npm start`)
  if (kept) console.log(`What was there before is in ${kept}; delete it when all is well`)
}

const stagedIn = (settings: Settings): Settings => ({ ...settings, home: stackPaths(settings).restoring })
