import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLocalStorage, InvalidKeyError, ObjectNotFoundError, type Storage, TooLargeError } from './index.ts'

let rootDir: string
let storage: Storage

beforeEach(async () => {
  rootDir = await mkdtemp(join(tmpdir(), 'fanone-storage-'))
  storage = createLocalStorage({ rootDir })
})

afterEach(() => rm(rootDir, { recursive: true }))

const bytesOf = (text: string) => Readable.from([Buffer.from(text)])
const textOf = async (key: string) => (await buffer(await storage.read(key))).toString()

/** Every file under the root, transfers in progress included. */
const filesOnDisk = async () => {
  const entries = await readdir(rootDir, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}

const keysUnder = async (folder: string) => {
  const keys: string[] = []
  for await (const { key } of storage.list(folder)) keys.push(key)
  return keys
}

describe('put', () => {
  test('stores all bytes and tells how many', async () => {
    const chunks = Array.from({ length: 300 }, (_, index) => Buffer.alloc(10_000, index))
    expect(await storage.put('uploads/a1', Readable.from(chunks))).toEqual({ sizeBytes: 3_000_000 })
    expect(await readFile(join(rootDir, 'uploads/a1'))).toEqual(Buffer.concat(chunks))
    expect(await filesOnDisk()).toEqual(['a1'])
  })

  test('replaces what the key held', async () => {
    await storage.put('uploads/a1', bytesOf('before'))
    await storage.put('uploads/a1', bytesOf('after'))
    expect(await textOf('uploads/a1')).toBe('after')
  })

  test('shows nothing under the key until the last byte is there', async () => {
    const source = new Readable({ read() {} })
    source.push('first half ')
    const transfer = storage.put('uploads/a1', source)
    await expect.poll(filesOnDisk).toHaveLength(1)
    expect(await storage.stat('uploads/a1')).toBeNull()
    source.push('second half')
    source.push(null)
    await transfer
    expect(await textOf('uploads/a1')).toBe('first half second half')
  })

  test('leaves nothing when the source fails half-way', async () => {
    const source = Readable.from(
      (async function* () {
        yield Buffer.alloc(200_000)
        throw new Error('the line went dead')
      })(),
    )
    await expect(storage.put('uploads/a1', source)).rejects.toThrow('the line went dead')
    expect(await filesOnDisk()).toEqual([])
  })

  test('leaves nothing when the source is torn down without an end', async () => {
    const source = new Readable({ read() {} })
    source.push(Buffer.alloc(200_000))
    const transfer = storage.put('uploads/a1', source)
    setTimeout(() => source.destroy(), 20)
    await expect(transfer).rejects.toThrow()
    expect(await filesOnDisk()).toEqual([])
  })

  test('leaves nothing when aborted, however early', async () => {
    for (const delayMs of [0, 1, 20]) {
      const source = new Readable({ read() {} })
      source.push(Buffer.alloc(200_000))
      const transfer = storage.put('uploads/a1', source, { signal: AbortSignal.timeout(delayMs) })
      await expect(transfer).rejects.toThrow(/abort/)
    }
    await expect(storage.put('uploads/a1', bytesOf('x'), { signal: AbortSignal.abort() })).rejects.toThrow(/abort/)
    expect(await filesOnDisk()).toEqual([])
  })

  test('keeps what the key held when the replacement fails', async () => {
    await storage.put('uploads/a1', bytesOf('before'))
    await expect(storage.put('uploads/a1', bytesOf('too much'), { maxBytes: 3 })).rejects.toThrow(TooLargeError)
    expect(await textOf('uploads/a1')).toBe('before')
    expect(await filesOnDisk()).toEqual(['a1'])
  })

  test('takes exactly the allowed number of bytes', async () => {
    expect(await storage.put('uploads/a1', bytesOf('12345'), { maxBytes: 5 })).toEqual({ sizeBytes: 5 })
    await expect(storage.put('uploads/a2', bytesOf('123456'), { maxBytes: 5 })).rejects.toMatchObject({ maxBytes: 5 })
  })
})

describe('keys', () => {
  const hostileKeys = [
    '',
    '.',
    '..',
    '../secret',
    'uploads/../../secret',
    'uploads/..%2fsecret',
    '/etc/passwd',
    'uploads//a1',
    'uploads/',
    'uploads/a1\0.mp4',
    'uploads/a1\n',
    'uploads/.hidden',
    '.incoming/a1',
    'uploads/a1.tar.gz',
    'uploads\\a1',
    'uploads/A1',
    'uploads/ａ1',
    'uploads/a b',
    `uploads/${'a'.repeat(200)}`,
  ]

  test.each(hostileKeys)('%j is refused everywhere and nothing is written', async (key) => {
    await storage.put('uploads/a1', bytesOf('mine'))
    const attempts = [
      () => storage.put(key, bytesOf('x')),
      () => storage.stat(key),
      () => storage.read(key),
      () => storage.move('uploads/a1', key),
      () => storage.move(key, 'uploads/a2'),
      () => storage.delete(key),
      () => storage.deleteUnder(key),
      () => keysUnder(key),
      () => storage.withLocalFile(key, async () => undefined),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow(InvalidKeyError)
    expect(await filesOnDisk()).toEqual(['a1'])
  })
})

describe('stored objects', () => {
  test('are read as a whole or in part', async () => {
    await storage.put('media/a1/video.mp4', bytesOf('0123456789'))
    expect(await textOf('media/a1/video.mp4')).toBe('0123456789')
    const part = await storage.read('media/a1/video.mp4', { firstByte: 2, lastByte: 4 })
    expect((await buffer(part)).toString()).toBe('234')
    const tail = await storage.read('media/a1/video.mp4', { firstByte: 7 })
    expect((await buffer(tail)).toString()).toBe('789')
  })

  test('tell their size and age', async () => {
    await storage.put('media/a1/cover.jpg', bytesOf('0123'))
    const object = await storage.stat('media/a1/cover.jpg')
    expect(object).toMatchObject({ key: 'media/a1/cover.jpg', sizeBytes: 4 })
    expect(Math.abs(Date.now() - Number(object?.modifiedAt))).toBeLessThan(5_000)
    expect(await storage.stat('media/a1')).toBeNull()
  })

  test('that do not exist are said to be missing', async () => {
    await expect(storage.read('uploads/none')).rejects.toThrow(ObjectNotFoundError)
    await expect(storage.move('uploads/none', 'media/none/video.mp4')).rejects.toThrow(ObjectNotFoundError)
    await expect(storage.withLocalFile('uploads/none', async () => 1)).rejects.toThrow(ObjectNotFoundError)
    await storage.delete('uploads/none')
    await storage.deleteUnder('media/none')
    expect(await keysUnder('nothing-here')).toEqual([])
  })

  test('move with their bytes', async () => {
    await storage.put('uploads/a1', bytesOf('bytes'))
    await storage.move('uploads/a1', 'media/a1/video.mp4')
    expect(await storage.stat('uploads/a1')).toBeNull()
    expect(await textOf('media/a1/video.mp4')).toBe('bytes')
  })

  test('are listed and removed by folder', async () => {
    for (const key of ['media/a1/video.mp4', 'media/a1/cover.jpg', 'media/a10/video.mp4', 'uploads/a1']) {
      await storage.put(key, bytesOf('x'))
    }
    expect((await keysUnder('media')).sort()).toEqual([
      'media/a1/cover.jpg',
      'media/a1/video.mp4',
      'media/a10/video.mp4',
    ])
    await storage.deleteUnder('media/a1')
    await storage.delete('uploads/a1')
    expect(await keysUnder('media')).toEqual(['media/a10/video.mp4'])
    expect(await keysUnder('uploads')).toEqual([])
  })

  test('are lent as files', async () => {
    await storage.put('uploads/a1', bytesOf('bytes'))
    expect(await storage.withLocalFile('uploads/a1', (path) => readFile(path, 'utf8'))).toBe('bytes')
  })
})

test('only transfers that have been still for long enough are abandoned', async () => {
  await storage.put('uploads/a1', bytesOf('done'))
  const incoming = join(rootDir, '.incoming')
  await writeFile(join(incoming, 'killed'), 'half')
  await utimes(join(incoming, 'killed'), 0, 0)
  await writeFile(join(incoming, 'running'), 'half')
  expect(await storage.deleteAbandonedTransfers(60_000)).toBe(1)
  expect((await filesOnDisk()).sort()).toEqual(['a1', 'running'])
})
