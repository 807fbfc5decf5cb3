import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { secretsBeside } from '../backup/backup-folder.ts'
import { takeBackup } from '../backup/take-backup.ts'
import { installPackages, missingPackages } from '../setup/debian-packages.ts'
import { requireRunning } from '../stack/control.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'

/** `npm run backup [-- <folder>]`: a new folder there with all that a restore needs. */
export async function backup(settings: Settings, args: string[]): Promise<number> {
  const { positionals } = parseArgs({ args, allowPositionals: true })
  const paths = stackPaths(settings)
  await requireRunning(paths.socket)
  const packages = missingPackages({ withMonitoring: false })
  if (packages.length > 0) await installPackages(packages)
  const { folder, description } = await takeBackup(settings, resolve(positionals[0] ?? paths.backups), console.log)
  const { databases, events, media, lockedMs } = description
  const rows = Object.values(databases).flatMap((database) => Object.values(database.rows))
  console.log(
    [
      `${folder} has ${rows.reduce((sum, count) => sum + count, 0)} rows of ${Object.keys(databases).length} databases,`,
      `${events.messages} events that were still to be handled and ${media.files} media files (${(media.bytes / 1e6).toFixed(1)} MB)`,
      `${media.storage === 's3' ? 'by name, because the bucket keeps them' : 'with their bytes'}. Commits waited for ${lockedMs} ms.`,
    ].join(' '),
  )
  console.log(`Keep ${secretsBeside(folder)} in another place: with it, the backup can be read.`)
  for (const key of media.missing) console.error(`A row names ${key}, which is not there`)
  return 0
}
