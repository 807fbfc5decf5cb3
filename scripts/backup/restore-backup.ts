import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { kitTables } from '@fanone/service-kit'
import { mediaStoreFolder } from '@fanone/storage'
import { execa } from 'execa'
import { services } from '../generate/declarations.ts'
import { fetchKafka } from '../setup/java-programs.ts'
import { kafkaPart, prepareKafka } from '../stack/infra/kafka.ts'
import { mysqlPart, prepareMysql } from '../stack/infra/mysql.ts'
import { type Manifest, readManifest } from '../stack/manifest.ts'
import { checkPorts } from '../stack/port-check.ts'
import { ensureSecrets, type Secrets } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import { writePrivate } from '../stack/write-private.ts'
import { type BackupDescription, backupFiles } from './backup-folder.ts'
import { connectTo, countRows, loadDump, type Server } from './databases.ts'
import { replayEvents } from './events.ts'
import { readListing, restoreMedia } from './media.ts'
import { withParts } from './own-parts.ts'
import { announceSwitchOver } from './switch-over.ts'
import { copyIfThere, smallFiles } from './take-backup.ts'

/** Services are not there, but their ports say who else is. */
const onlyServers = { withApps: false, withMonitoring: false, wasUp: false, instances: {} }

/**
 * Sees to it that this checkout can read what the backup holds.
 *
 * @throws Error naming what does not fit
 */
export function checkFit(settings: Settings, description: BackupDescription): void {
  const { storage } = description.media
  if ((storage === 's3') !== settings.s3)
    throw new Error(`The backup is of an installation with STORAGE=${storage}, and this one has another`)
  for (const [database, { appId, migrations }] of Object.entries(description.databases)) {
    const service = services.find((one) => one.appId === appId)
    if (!service?.database)
      throw new Error(`The backup has the database ${database} of ${appId}, which is not known here`)
    const known = new Set([...kitTables.migrations, ...service.database.migrations].map(({ name }) => name))
    const unknown = migrations.find((name) => !known.has(name))
    if (unknown)
      throw new Error(`The backup is of a newer release: ${appId} has had the migration ${unknown}, unknown here`)
  }
}

/**
 * Puts together, in the folder `restoring` of the home, what a backup holds: secrets, media,
 * databases with every row counted, and a Kafka with the events that were still to be handled.
 *
 * @throws Error with the reason. Nothing of the installation has changed then
 */
export async function prepareRestore(options: {
  settings: Settings
  backup: string
  description: BackupDescription
  secrets: Secrets
  report: (text: string) => void
}): Promise<void> {
  const { settings, backup, description, report } = options
  const staged: Settings = { ...settings, home: stackPaths(settings).restoring, toxiproxy: false }
  const manifest = readManifest(staged)
  const paths = stackPaths(staged)
  await checkPorts(staged, manifest, onlyServers)
  for (const folder of [paths.data, paths.run, paths.logs]) await mkdir(folder, { recursive: true, mode: 0o700 })
  writePrivate(paths.secrets, `${JSON.stringify(options.secrets, null, 2)}\n`)
  const secrets = ensureSecrets(paths.secrets, manifest.apps)
  if (description.media.storage === 'local') {
    report('Restore media')
    const listing = await readListing(join(backup, backupFiles.media))
    await restoreMedia({ from: join(backup, 'media'), to: mediaStoreFolder(staged.home), listing })
  }
  await restoreServers({ settings: staged, manifest, secrets, backup, description, report })
  for (const [to, name] of smallFiles(staged)) await copyIfThere(join(backup, name), to)
  await execa('sync', ['-f', staged.home])
  announceSwitchOver(settings, backup)
}

async function restoreServers(options: {
  settings: Settings
  manifest: Manifest
  secrets: Secrets
  backup: string
  description: BackupDescription
  report: (text: string) => void
}): Promise<void> {
  const { settings, manifest, secrets, backup, description, report } = options
  report('Prepare MySQL and Kafka')
  const libs = await fetchKafka(settings.cache)
  await Promise.all([prepareMysql(settings), prepareKafka(settings, manifest, libs)])
  const parts = [mysqlPart(settings, manifest, secrets), kafkaPart(settings, manifest, libs)]
  await withParts(settings, parts, async () => {
    report('Load the databases')
    const server = { port: manifest.serverPorts.mysql, password: secrets['mysql-password-root'] ?? '' }
    await loadDump(server, join(backup, backupFiles.databases))
    await checkRows(server, description)
    report('Replay the events that were still to be handled')
    const broker = `127.0.0.1:${manifest.serverPorts.kafka}`
    const { partitions } = description.events
    await replayEvents({ broker, file: join(backup, backupFiles.events), partitions })
  })
}

async function checkRows(server: Server, { databases }: BackupDescription): Promise<void> {
  const connection = await connectTo(server)
  try {
    for (const [database, { rows }] of Object.entries(databases)) {
      const found = await countRows(connection, database)
      const wrong = Object.keys({ ...rows, ...found }).find((table) => rows[table] !== found[table])
      if (wrong) throw new Error(`${database}.${wrong} has ${found[wrong]} rows, and had ${rows[wrong]}`)
    }
  } finally {
    connection.destroy()
  }
}
