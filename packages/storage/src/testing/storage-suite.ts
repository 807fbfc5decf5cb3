import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { InvalidKeyError, ObjectNotFoundError, type Storage, type StoredObject, TooLargeError } from '../index.ts'

const MEBIBYTE = 1024 ** 2

/** A store that is empty, and what a test must know of it that `Storage` does not tell. */
export interface StorageHarness {
  storage: Storage
  /** The same store as another process sees it, with nothing remembered. */
  reopen(): Storage | Promise<Storage>
  /**
   * Names of all there is, sorted: objects by key, what grows by key, and whatever transfers in
   * progress leave.
   */
  everything(): Promise<string[]>
  close(): Promise<void>
}

/** What every adapter of `Storage` does. @param open makes an empty store for each test */
export function describeStorage(name: string, open: () => Promise<StorageHarness>): void {
  let harness: StorageHarness
  let storage: Storage

  beforeEach(async () => {
    harness = await open()
    storage = harness.storage
  })
  afterEach(() => harness.close())

  const everything = () => harness.everything()
  const bytesOf = (text: string) => Readable.from([Buffer.from(text)])
  const textOf = async (key: string) => (await buffer(await storage.read(key))).toString()

  const keysOf = async (objects: AsyncIterable<StoredObject>) => {
    const keys: string[] = []
    for await (const { key } of objects) keys.push(key)
    return keys
  }
  const keysUnder = (folder: string) => keysOf(storage.list(folder))
  const growingUnder = (folder: string) => keysOf(storage.growing.list(folder))

  describe(name, () => {
    describe('put', () => {
      test('stores all bytes and tells how many', async () => {
        const chunks = Array.from({ length: 300 }, (_, index) => Buffer.alloc(10_000, index))
        expect(await storage.put('uploads/a1', Readable.from(chunks))).toEqual({ sizeBytes: 3_000_000 })
        expect(await buffer(await storage.read('uploads/a1'))).toEqual(Buffer.concat(chunks))
        expect(await everything()).toEqual(['uploads/a1'])
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
        await expect.poll(() => source.readableLength).toBe(0)
        expect(await storage.stat('uploads/a1')).toBeNull()
        expect(await keysUnder('uploads')).toEqual([])
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
        expect(await everything()).toEqual([])
      })

      test('leaves nothing when the source is torn down without an end', async () => {
        const source = new Readable({ read() {} })
        source.push(Buffer.alloc(200_000))
        const transfer = storage.put('uploads/a1', source)
        setTimeout(() => source.destroy(), 20)
        await expect(transfer).rejects.toThrow()
        expect(await everything()).toEqual([])
      })

      test('leaves nothing when aborted, however early', async () => {
        for (const delayMs of [0, 1, 20]) {
          const source = new Readable({ read() {} })
          source.push(Buffer.alloc(200_000))
          const transfer = storage.put('uploads/a1', source, { signal: AbortSignal.timeout(delayMs) })
          await expect(transfer).rejects.toThrow(/abort/)
        }
        await expect(storage.put('uploads/a1', bytesOf('x'), { signal: AbortSignal.abort() })).rejects.toThrow(/abort/)
        expect(await everything()).toEqual([])
      })

      test('keeps what the key held when the replacement fails', async () => {
        await storage.put('uploads/a1', bytesOf('before'))
        await expect(storage.put('uploads/a1', bytesOf('too much'), { maxBytes: 3 })).rejects.toThrow(TooLargeError)
        expect(await textOf('uploads/a1')).toBe('before')
        expect(await everything()).toEqual(['uploads/a1'])
      })

      test('takes exactly the allowed number of bytes', async () => {
        expect(await storage.put('uploads/a1', bytesOf('12345'), { maxBytes: 5 })).toEqual({ sizeBytes: 5 })
        await expect(storage.put('uploads/a2', bytesOf('123456'), { maxBytes: 5 })).rejects.toMatchObject({
          maxBytes: 5,
        })
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
          () => storage.concatenate(['uploads/a1'], key),
          () => storage.concatenate([key], 'uploads/a2'),
          () => storage.growing.append(key, bytesOf('x'), { offsetBytes: 0 }),
          () => storage.growing.stat(key),
          () => storage.growing.finish(key),
          () => storage.growing.delete(key),
          () => growingUnder(key),
          () => storage.delete(key),
          () => storage.deleteUnder(key),
          () => keysUnder(key),
          () => storage.withLocalFile(key, async () => undefined),
        ]
        for (const attempt of attempts) await expect(attempt()).rejects.toThrow(InvalidKeyError)
        expect(await everything()).toEqual(['uploads/a1'])
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

    describe('concatenate', () => {
      test('makes one object out of several, which stay', async () => {
        await storage.put('chunks/a1/1', bytesOf('one '))
        await storage.put('chunks/a1/2', bytesOf('two '))
        expect(await storage.concatenate(['chunks/a1/1', 'chunks/a1/2', 'chunks/a1/1'], 'uploads/a1')).toEqual({
          sizeBytes: 12,
        })
        expect(await textOf('uploads/a1')).toBe('one two one ')
        expect((await keysUnder('chunks')).sort()).toEqual(['chunks/a1/1', 'chunks/a1/2'])
      })

      test('of pieces of every size keeps each byte', async () => {
        const sizes = [0, 1, 5 * MEBIBYTE, 5 * MEBIBYTE + 1, 300_000]
        const pieces = sizes.map((size, index) => Buffer.alloc(size, index + 1))
        for (const [index, piece] of pieces.entries()) await storage.put(`chunks/a1/${index}`, Readable.from([piece]))
        await storage.concatenate(
          pieces.map((_, index) => `chunks/a1/${index}`),
          'uploads/a1',
        )
        expect((await buffer(await storage.read('uploads/a1'))).equals(Buffer.concat(pieces))).toBe(true)
      })

      test('leaves nothing when a piece is missing', async () => {
        await storage.put('chunks/a1/1', bytesOf('one'))
        await expect(storage.concatenate(['chunks/a1/1', 'chunks/a1/2'], 'uploads/a1')).rejects.toThrow(
          ObjectNotFoundError,
        )
        expect(await everything()).toEqual(['chunks/a1/1'])
      })
    })

    describe('growing objects', () => {
      const key = 'uploads/a1'
      const append = (text: string, offsetBytes: number, maxBytes = 1_000) =>
        storage.growing.append(key, bytesOf(text), { offsetBytes, maxBytes })

      test('are nothing under their key until they are finished', async () => {
        expect(await storage.growing.stat(key)).toBeNull()
        expect(await append('one ', 0)).toEqual({ sizeBytes: 4 })
        expect(await append('two', 4)).toEqual({ sizeBytes: 7 })
        expect(await storage.growing.stat(key)).toMatchObject({ key, sizeBytes: 7 })
        expect(await storage.stat(key)).toBeNull()
        expect(await keysUnder('uploads')).toEqual([])
        expect(await growingUnder('uploads')).toEqual([key])
        expect(await storage.growing.finish(key)).toEqual({ sizeBytes: 7 })
        expect(await textOf(key)).toBe('one two')
        expect(await storage.growing.stat(key)).toBeNull()
        expect(await growingUnder('uploads')).toEqual([])
        expect(await everything()).toEqual([key])
        await expect(storage.growing.finish(key)).rejects.toThrow(ObjectNotFoundError)
      })

      test('grow by pieces of every size, in a store opened anew each time', async () => {
        const sizes = [1, 100_000, 3 * MEBIBYTE, 0, 5 * MEBIBYTE, 7 * MEBIBYTE + 3, 20]
        const pieces = sizes.map((size, index) => Buffer.alloc(size, index + 1))
        let offsetBytes = 0
        for (const piece of pieces) {
          const { sizeBytes } = await (await harness.reopen()).growing.append(key, Readable.from([piece]), {
            offsetBytes,
          })
          offsetBytes += piece.byteLength
          expect(sizeBytes).toBe(offsetBytes)
          expect(await (await harness.reopen()).growing.stat(key)).toMatchObject({ sizeBytes })
        }
        await (await harness.reopen()).growing.finish(key)
        expect((await buffer(await storage.read(key))).equals(Buffer.concat(pieces))).toBe(true)
      })

      test('may be empty', async () => {
        expect(await append('', 0)).toEqual({ sizeBytes: 0 })
        expect(await storage.growing.finish(key)).toEqual({ sizeBytes: 0 })
        expect(await textOf(key)).toBe('')
      })

      test('grow at their end only', async () => {
        await append('12345', 0)
        for (const offsetBytes of [0, 4, 6])
          await expect(append('x', offsetBytes)).rejects.toMatchObject({ name: 'OffsetMismatchError', sizeBytes: 5 })
        await expect(storage.growing.append('uploads/a2', bytesOf('x'), { offsetBytes: 1 })).rejects.toMatchObject({
          name: 'OffsetMismatchError',
          sizeBytes: 0,
        })
        await storage.growing.finish(key)
        expect(await textOf(key)).toBe('12345')
      })

      test('keep what came before the source failed', async () => {
        await append('begin ', 0)
        const source = Readable.from(
          (async function* () {
            yield Buffer.alloc(6 * MEBIBYTE, 1)
            yield Buffer.from('the end')
            throw new Error('the line went dead')
          })(),
        )
        await expect(storage.growing.append(key, source, { offsetBytes: 6 })).rejects.toThrow('the line went dead')
        const { sizeBytes = 0 } = (await (await harness.reopen()).growing.stat(key)) ?? {}
        expect(sizeBytes).toBe(6 + 6 * MEBIBYTE + 7)
        expect(await append('!', sizeBytes)).toEqual({ sizeBytes: sizeBytes + 1 })
        await storage.growing.finish(key)
        expect((await buffer(await storage.read(key))).subarray(-8).toString()).toBe('the end!')
      })

      test('keep nothing of an append that is too long', async () => {
        await append('begin ', 0)
        const source = Readable.from([Buffer.alloc(6 * MEBIBYTE), Buffer.alloc(6 * MEBIBYTE)])
        const options = { offsetBytes: 6, maxBytes: 12 * MEBIBYTE - 1 }
        await expect(storage.growing.append(key, source, options)).rejects.toThrow(TooLargeError)
        expect(await storage.growing.stat(key)).toMatchObject({ sizeBytes: 6 })
        expect(await append('the end', 6, 7)).toEqual({ sizeBytes: 13 })
        await storage.growing.finish(key)
        expect(await textOf(key)).toBe('begin the end')
      })

      test('can be ended, as often as one likes, and begun anew', async () => {
        await append('before', 0)
        await storage.growing.delete(key)
        await storage.growing.delete(key)
        expect(await everything()).toEqual([])
        await append('after', 0)
        await storage.growing.finish(key)
        await storage.growing.delete(key)
        expect(await textOf(key)).toBe('after')
      })
    })
  })
}
