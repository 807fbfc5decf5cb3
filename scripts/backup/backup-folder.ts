import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { hashFile } from './hash.ts'

/** The files of a backup, beside the folder `media`. */
export const backupFiles = {
  description: 'backup.json',
  databases: 'databases.sql.gz',
  events: 'events.jsonl.gz',
  media: 'media.jsonl',
  words: 'sensitive-words.txt',
  /** Whom the demo has made, so that a start makes them once. */
  demo: 'demo.json',
} as const

/** Checksums of the files above, for `sha256sum -c`. A backup without them is unfinished. */
const CHECKSUMS = 'SHA256SUMS'

const Count = z.int().nonnegative()

/** What a backup says about itself. */
export const BackupDescription = z.object({
  format: z.literal(1),
  /** The moment to which everything goes back. */
  takenAt: z.iso.datetime(),
  /** Of the database server. */
  server: z.string(),
  /** For how long no transaction could commit. */
  lockedMs: Count,
  databases: z.record(
    z.string(),
    z.object({ appId: z.string(), migrations: z.array(z.string()), rows: z.record(z.string(), Count) }),
  ),
  /** Messages that were still to be handled, and the partitions of every topic. */
  events: z.object({ messages: Count, partitions: z.record(z.string(), Count) }),
  media: z.object({
    storage: z.enum(['local', 's3']),
    files: Count,
    bytes: Count,
    /** What rows refer to and is not there. */
    missing: z.array(z.string()),
  }),
  /** SHA-256 of the keys that open what is in the databases; of a list those of each key. */
  keys: z.record(z.string(), z.array(z.string())),
})
export type BackupDescription = z.infer<typeof BackupDescription>

/** The secrets of a backup lie beside it, so that who copies the folder copies no key. */
export const secretsBeside = (folder: string): string => `${folder.replace(/\/+$/, '')}.secrets.json`

/** Describes a backup and makes it whole: from now on it can be restored. */
export async function sealBackup(folder: string, description: BackupDescription): Promise<void> {
  await writeFile(join(folder, backupFiles.description), `${JSON.stringify(description, null, 2)}\n`)
  const present = await readdir(folder)
  const names = Object.values(backupFiles).filter((name) => present.includes(name))
  const lines = await Promise.all(
    names.map(async (name) => `${(await hashFile(join(folder, name))).sha256}  ${name}\n`),
  )
  await writeFile(join(folder, CHECKSUMS), lines.join(''))
}

/**
 * Reads a backup and holds its files, media excepted, against their checksums.
 *
 * @throws Error in one line where the folder is no backup, or no longer what was written
 */
export async function openBackup(folder: string): Promise<BackupDescription> {
  const sums = await readFile(join(folder, CHECKSUMS), 'utf8').catch(() => undefined)
  if (sums === undefined)
    throw new Error(`${folder} is no backup, or one that was not finished: it has no ${CHECKSUMS}`)
  const lines = sums.trimEnd().split('\n')
  for (const line of lines) {
    const [expected, name = ''] = line.split('  ')
    const found = await hashFile(join(folder, name)).catch(() => undefined)
    if (found === undefined) throw new Error(`${folder} lacks ${name}`)
    if (found.sha256 !== expected) throw new Error(`${name} in ${folder} is not what was written: its checksum differs`)
  }
  if (!lines.some((line) => line.endsWith(`  ${backupFiles.description}`)))
    throw new Error(`${CHECKSUMS} in ${folder} does not name ${backupFiles.description}`)
  const text = await readFile(join(folder, backupFiles.description), 'utf8')
  const { data, error } = BackupDescription.safeParse(JSON.parse(text))
  if (error) throw new Error(`${folder} was made by another release: ${z.prettifyError(error)}`)
  return data
}

/** The finished backups in a folder, oldest first. */
export async function backupsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => entry.isDirectory() && !isUnfinished(entry.name)).map(({ name }) => name)
  const whole = await Promise.all(names.map((name) => readFile(join(folder, name, CHECKSUMS)).catch(() => undefined)))
  return names.filter((_, index) => whole[index] !== undefined).toSorted()
}

const UNFINISHED = '.unfinished'
/** Where a backup is before it is whole. */
export const unfinished = (folder: string): string => `${folder}${UNFINISHED}`
export const isUnfinished = (name: string): boolean => name.endsWith(UNFINISHED)
