import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { copyMedia, type Listing, readListing, restoreMedia, writeListing } from './media.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanone-media-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}
const read = (path: string) => readFile(join(folder, path), 'utf8')
const inode = async (path: string) => (await stat(join(folder, path))).ino

function copy(name: string, listing: Listing, earlier?: { folder: string; listing: Listing }): Promise<void> {
  return copyMedia({ from: join(folder, 'store'), to: join(folder, name), listing, earlier })
}

it('completes a copy with what is new or has grown, and keeps what was deleted meanwhile', async () => {
  await write('store/media/a/video.mp4', 'video')
  await write('store/media/b/cover.jpg', 'cover')
  await write('store/.growing/uploads/c', 'half')
  await write('store/.incoming/d', 'nobody knows of it')
  const listing: Listing = new Map()
  await copy('backup', listing)
  await rm(join(folder, 'store/media/b'), { recursive: true })
  await write('store/media/e/video.mp4', 'new')
  await appendFile(join(folder, 'store/.growing/uploads/c'), ' and whole')
  await copy('backup', listing)
  const keys = ['media/a/video.mp4', 'media/b/cover.jpg', '.growing/uploads/c', 'media/e/video.mp4']
  expect([...listing.keys()].toSorted()).toEqual(keys.toSorted())
  expect(await Promise.all(keys.map((key) => read(`backup/${key}`)))).toEqual([
    'video',
    'cover',
    'half and whole',
    'new',
  ])
})

it('links what an earlier backup has already, and copies what has changed', async () => {
  await write('store/media/a/video.mp4', 'video')
  await write('store/media/b/cover.jpg', 'cover')
  const first: Listing = new Map()
  await copy('first', first)
  await write('store/media/b/cover.jpg', 'another cover')
  const second: Listing = new Map()
  await copy('second', second, { folder: join(folder, 'first'), listing: first })
  expect(await inode('second/media/a/video.mp4')).toBe(await inode('first/media/a/video.mp4'))
  expect(await inode('second/media/a/video.mp4')).not.toBe(await inode('store/media/a/video.mp4'))
  expect(await read('second/media/b/cover.jpg')).toBe('another cover')
  expect(await read('first/media/b/cover.jpg')).toBe('cover')
})

it('restores what it has listed, and nothing that was changed or is missing', async () => {
  await write('store/media/a/video.mp4', 'video')
  const copied: Listing = new Map()
  await copy('backup', copied)
  await writeListing(join(folder, 'media.jsonl'), copied)
  const listing = await readListing(join(folder, 'media.jsonl'))
  expect(listing).toEqual(copied)
  const restore = (to: string) => restoreMedia({ from: join(folder, 'backup'), to: join(folder, to), listing })
  await restore('restored')
  expect(await read('restored/media/a/video.mp4')).toBe('video')
  await write('backup/media/a/video.mp4', 'vidio')
  await expect(restore('again')).rejects.toThrow('media/a/video.mp4 is not what was written')
  await rm(join(folder, 'backup/media/a/video.mp4'))
  await expect(restore('once more')).rejects.toThrow('lacks media/a/video.mp4')
})
