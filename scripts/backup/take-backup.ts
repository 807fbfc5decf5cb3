import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { mediaStoreFolder, openStorage, StorageConfig } from '@fanone/storage'
import { execa } from 'execa'
import type { Connection } from 'mysql2/promise'
import { type App, type Manifest, readManifest } from '../stack/manifest.ts'
import { s3Port } from '../stack/ports.ts'
import { ensureSecrets, type Secrets } from '../stack/secrets.ts'
import { type Settings, stackPaths } from '../stack/settings.ts'
import { writePrivate } from '../stack/write-private.ts'
import {
  type BackupDescription,
  backupFiles,
  backupsIn,
  isUnfinished,
  sealBackup,
  secretsBeside,
  unfinished,
} from './backup-folder.ts'
import { topicsOfConsumers } from './consumers.ts'
import { aloneWith, appliedMigrations, countRows, dumpDatabases } from './databases.ts'
import { connectedAdmin, endsOfTopics, handledBy, type Positions, saveEvents } from './events.ts'
import { fingerprints } from './keys.ts'
import { copyMedia, type Listing, readListing, writeListing } from './media.ts'
import { missingMedia } from './media-references.ts'

/** A service with a database. */
export type Owner = App & { database: string }
export const ownersOfDatabases = ({ apps }: Manifest): Owner[] =>
  apps.filter((app): app is Owner => app.database !== undefined)

export interface Taken {
  folder: string
  description: BackupDescription
}

/**
 * Takes a backup of a running installation into a new folder beneath `parent`. Everything in it is
 * of one moment; media are copied before it and completed after it.
 *
 * @param report gets what is being done
 * @throws Error with the reason. What is unfinished is deleted by the next backup
 */
export async function takeBackup(settings: Settings, parent: string, report: (text: string) => void): Promise<Taken> {
  const manifest = readManifest(settings)
  return await aloneWith(serverOf(settings, manifest), async () => {
    await mkdir(parent, { recursive: true, mode: 0o700 })
    await removeUnfinished(parent)
    return await take({ settings, manifest, parent, report })
  })
}

async function take(options: {
  settings: Settings
  manifest: Manifest
  parent: string
  report: (text: string) => void
}): Promise<Taken> {
  const { settings, manifest, parent, report } = options
  const folder = join(parent, nameOf(new Date()))
  const draft = unfinished(folder)
  await mkdir(draft, { mode: 0o700 })
  report('Copy media')
  const media = await mediaOf(settings, parent, draft)
  await media.complete()
  report('Dump the databases')
  const { dump, listing, positions } = await takeMoment({ settings, manifest, draft, media })
  report('Save the events that are not handled yet')
  const broker = brokerOf(manifest)
  const messages = await saveEvents({ broker, ...positions, file: join(draft, backupFiles.events) })
  await writeListing(join(draft, backupFiles.media), listing)
  for (const [from, name] of smallFiles(settings)) await copyIfThere(from, join(draft, name))
  const secrets = secretsOf(settings, manifest)
  const description: BackupDescription = {
    format: 1,
    takenAt: dump.takenAt.toISOString(),
    lockedMs: dump.lockedMs,
    ...dump.read,
    events: { messages, partitions: partitionsOf(positions.to) },
    media: {
      storage: settings.s3 ? 's3' : 'local',
      files: listing.size,
      bytes: [...listing.values()].reduce((sum, { bytes }) => sum + bytes, 0),
      missing: dump.missing,
    },
    keys: fingerprints(secrets),
  }
  await sealBackup(draft, description)
  writePrivate(secretsBeside(folder), `${JSON.stringify(secrets, null, 2)}\n`)
  await execa('sync', ['-f', draft])
  await rename(draft, folder)
  await execa('sync', ['-f', parent])
  return { folder, description }
}

/** The moment of the backup: rows, where the topics stand, and then the media that rows name. */
async function takeMoment(options: { settings: Settings; manifest: Manifest; draft: string; media: Media }) {
  const { settings, manifest, draft, media } = options
  const owners = ownersOfDatabases(manifest)
  const databases = owners.map(({ database }) => database)
  const admin = await connectedAdmin(brokerOf(manifest))
  try {
    // Before the moment: what is handled by then is in the rows of the moment.
    const from = await handledBy(admin, topicsOfConsumers(manifest.apps))
    const { noted, read, ...moment } = await dumpDatabases({
      server: serverOf(settings, manifest),
      databases,
      file: join(draft, backupFiles.databases),
      whileLocked: () => endsOfTopics(admin),
      inSnapshot: async (connection) => {
        const facts = await factsOf(connection, owners)
        await media.complete()
        return { facts, missing: await missingMedia(connection, databases, (key) => media.listing.has(key)) }
      },
    })
    const dump = { ...moment, read: read.facts, missing: read.missing }
    return { dump, listing: media.listing, positions: { from, to: noted } }
  } finally {
    await admin.close()
  }
}

async function factsOf(connection: Connection, owners: readonly Owner[]) {
  const [version] = await connection.query('select version() as version')
  const databases: BackupDescription['databases'] = {}
  for (const { appId, database } of owners) {
    const migrations = await appliedMigrations(connection, database)
    databases[database] = { appId, migrations, rows: await countRows(connection, database) }
  }
  return { server: (version as { version: string }[])[0]?.version ?? '', databases }
}

interface Media {
  listing: Listing
  /** Adds what is new since the last time. */
  complete(): Promise<void>
}

async function mediaOf(settings: Settings, parent: string, draft: string): Promise<Media> {
  const listing: Listing = new Map()
  if (settings.s3) return { listing, complete: () => listBucket(settings, listing) }
  const earlier = (await backupsIn(parent)).at(-1)
  const known =
    earlier === undefined
      ? undefined
      : {
          folder: join(parent, earlier, 'media'),
          listing: await readListing(join(parent, earlier, backupFiles.media)),
        }
  const [from, to] = [mediaStoreFolder(settings.home), join(draft, 'media')]
  return { listing, complete: () => copyMedia({ from, to, listing, earlier: known }) }
}

/** The bucket keeps its objects itself. */
async function listBucket(settings: Settings, listing: Listing): Promise<void> {
  const secrets = secretsOf(settings, readManifest(settings))
  const s3 = StorageConfig.parse({ STORAGE: 's3', S3_ENDPOINT: `http://127.0.0.1:${s3Port(settings)}` })
  const storage = await openStorage({
    config: { ...s3, FANONE_HOME: settings.home },
    secret: async (name) => secrets[name] ?? '',
  })
  for (const folder of ['media', 'uploads', 'chunks'])
    for await (const { key, sizeBytes, modifiedAt } of storage.list(folder))
      listing.set(key, { key, bytes: sizeBytes, modifiedMs: modifiedAt.getTime() })
}

/** Backups of one server are taken one at a time, so what is unfinished now was interrupted. */
async function removeUnfinished(parent: string): Promise<void> {
  for (const name of (await readdir(parent)).filter(isUnfinished))
    await rm(join(parent, name), { recursive: true, force: true })
}

/** Where the small files of a backup lie in an installation. */
export const smallFiles = ({ home }: Settings): [string, string][] => [
  [join(home, backupFiles.words), backupFiles.words],
  [join(home, 'data', backupFiles.demo), backupFiles.demo],
]

/** What is there already stays. */
export async function copyIfThere(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  })
}

/** Such as 20261128T174903Z; in the order of time. */
const nameOf = (time: Date) => time.toISOString().replace(/\.\d+|[-:]/g, '')
const brokerOf = ({ serverPorts }: Manifest) => `127.0.0.1:${serverPorts.kafka}`
const secretsOf = (settings: Settings, { apps }: Manifest): Secrets => ensureSecrets(stackPaths(settings).secrets, apps)
const serverOf = (settings: Settings, manifest: Manifest) => ({
  port: manifest.serverPorts.mysql,
  password: secretsOf(settings, manifest)['mysql-password-root'] ?? '',
})
const partitionsOf = (positions: Positions) =>
  Object.fromEntries([...positions].map(([topic, offsets]) => [topic, offsets.size]))
