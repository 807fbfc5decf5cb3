import { constants } from 'node:fs'
import { copyFile, link, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { copyHashed, hashFile } from './hash.ts'

/** A file of the media store as a backup lists it. */
export interface MediaFile {
  /** Its path in the store. */
  key: string
  bytes: number
  /** Absent where the bytes are not in the backup: S3 keeps them. */
  sha256?: string
  modifiedMs: number
}

export type Listing = Map<string, MediaFile>

/** Transfers that nobody was told of yet. */
const NOT_COPIED = '.incoming'

/**
 * Copies what a listing lacks or has otherwise, and adds it to the listing. What has disappeared
 * meanwhile stays: rows of the moment of the backup may refer to it. Uploads that grow are copied
 * as far as they are, and go on from there.
 *
 * @param options.earlier an earlier backup, whose files are linked where nothing has changed
 */
export async function copyMedia(options: {
  from: string
  to: string
  listing: Listing
  earlier?: { folder: string; listing: Listing } | undefined
}): Promise<void> {
  const { from, to, listing, earlier } = options
  for await (const key of keysIn(from)) {
    const found = await stat(join(from, key)).catch(() => undefined)
    if (!found) continue
    const [bytes, modifiedMs] = [found.size, Math.trunc(found.mtimeMs)]
    const isSame = (one: MediaFile | undefined) => one?.bytes === bytes && one.modifiedMs === modifiedMs
    if (isSame(listing.get(key))) continue
    const target = join(to, key)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    await rm(target, { force: true })
    const known = earlier?.listing.get(key)
    if (earlier && known && isSame(known) && (await linked(join(earlier.folder, key), target))) {
      listing.set(key, known)
      continue
    }
    const copied = await copyHashed(join(from, key), target).catch(ignoreMissing)
    if (copied) {
      await utimes(target, found.atime, modifiedMs / 1_000)
      listing.set(key, { key, ...copied, modifiedMs })
    } else await rm(target, { force: true })
  }
}

/**
 * Copies the media of a backup to where they will be used.
 *
 * @throws Error naming a file that is missing or not what was written
 */
export async function restoreMedia(options: { from: string; to: string; listing: Listing }): Promise<void> {
  const { from, to, listing } = options
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const { key, sha256, modifiedMs } of listing.values()) {
    const target = join(to, key)
    await mkdir(dirname(target), { recursive: true, mode: 0o700 })
    // A clone where the file system can do it. Never a link: what grows is written in place.
    await copyFile(join(from, key), target, constants.COPYFILE_FICLONE).catch(ignoreMissing)
    const found = await hashFile(target).catch(ignoreMissing)
    if (!found) throw new Error(`the backup lacks ${key}`)
    if (found.sha256 !== sha256) throw new Error(`${key} is not what was written: its checksum differs`)
    await utimes(target, new Date(), modifiedMs / 1_000)
  }
}

export async function writeListing(file: string, listing: Listing): Promise<void> {
  const lines = [...listing.values()].map((one) => `${JSON.stringify(one)}\n`)
  await writeFile(file, lines.join(''))
}

/** @returns an empty listing where there is no file */
export async function readListing(file: string): Promise<Listing> {
  const text = await readFile(file, 'utf8').catch(ignoreMissing)
  const files = (text ?? '').split('\n').filter(Boolean)
  return new Map(files.map((line) => JSON.parse(line) as MediaFile).map((one) => [one.key, one]))
}

async function* keysIn(folder: string, prefix = ''): AsyncGenerator<string> {
  const entries = (await readdir(join(folder, prefix), { withFileTypes: true }).catch(ignoreMissing)) ?? []
  for (const entry of entries) {
    const key = join(prefix, entry.name)
    if (key === NOT_COPIED) continue
    if (entry.isDirectory()) yield* keysIn(folder, key)
    else yield key
  }
}

/** Where another file system holds the earlier backup, or it was tidied, the file is copied. */
const linked = (from: string, to: string): Promise<boolean> =>
  link(from, to).then(
    () => true,
    () => false,
  )

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
