import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type PictureKindName, pictureKinds } from '@fanone/contracts'
import { measureUsage } from '@fanone/sandbox/usage'
import { createLogger } from '@fanone/service-kit'
import { createLocalStorage, publicKey, uploadKey } from '@fanone/storage'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { checkHeader, HEADER_BYTES } from './header.ts'
import { NotAPictureError } from './not-a-picture-error.ts'
import { PictureMaker } from './picture-maker.ts'
import { picturesMade } from './pictures.metrics.ts'
import { Pictures } from './pictures.ts'
import { claimingPng, sample } from './testing/samples.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let folder: string
let work: string
let storage: ReturnType<typeof createLocalStorage>
let pictures: Pictures

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'fanone-pictures-')))
  work = join(folder, 'work')
  storage = createLocalStorage({ rootDir: join(folder, 'store') })
  const maker = await PictureMaker.open({ folder: work, concurrency: 2 })
  pictures = new Pictures({ storage, maker, log: createLogger({ appId: 'test', level: 'fatal' }) })
})
afterAll(() => rm(folder, { recursive: true }))

let uploads = 0
async function upload(bytes: Uint8Array): Promise<string> {
  uploads += 1
  const uploadId = uploads.toString(16).padStart(32, '0')
  await storage.put(uploadKey(uploadId), Readable.from([bytes]))
  return uploadId
}

/** What became of a file, by width. */
async function madeOf(bytes: Uint8Array, kind: PictureKindName = 'avatar'): Promise<Map<number, Buffer>> {
  const order = { uploadId: await upload(bytes), kind, folder: 'users/7' }
  const key = await pictures.make(order)
  expect(key).toBe(`users/7/${order.uploadId}/${pictureKinds[kind].shownWidth}.webp`)
  const files = pictureKinds[kind].widths.map(async (width): Promise<[number, Buffer]> => {
    return [width, await buffer(await storage.read(publicKey(`users/7/${order.uploadId}/${width}.webp`)))]
  })
  return new Map(await Promise.all(files))
}

async function colourAt(picture: Buffer, x: number, y: number): Promise<string> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const at = (Math.floor(y * (info.height - 1)) * info.width + Math.floor(x * (info.width - 1))) * info.channels
  return [...data.subarray(at, at + 3)].map((value) => (value > 128 ? '1' : '0')).join('')
}

const sizesOf = (made: Map<number, Buffer>) =>
  Promise.all(
    [...made.values()].map(async (picture) => {
      const { format, width, height } = await sharp(picture).metadata()
      return [format, width, height]
    }),
  )

const refusal = (bytes: Uint8Array, kind?: PictureKindName) =>
  madeOf(bytes, kind).then(
    () => 'taken',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  )

describe('a picture', () => {
  it.each(['jpeg', 'png', 'webp', 'avif'] as const)('as %s becomes WebP in all widths', async (format) => {
    const made = await madeOf(await (await sample(640, 600)).toFormat(format).toBuffer())
    expect(await sizesOf(made)).toEqual([64, 128, 256, 512].map((width) => ['webp', width, width]))
  })

  it('keeps its shape where no square is wanted, and is never enlarged', async () => {
    const made = await madeOf(await (await sample(1000, 500)).png().toBuffer(), 'background')
    expect(await sizesOf(made)).toEqual([
      ['webp', 640, 320],
      ['webp', 1000, 500],
      ['webp', 1000, 500],
    ])
    expect(await sizesOf(await madeOf(await (await sample(1, 1)).png().toBuffer()))).toContainEqual(['webp', 1, 1])
  })

  it('that was turned by its camera stands upright, and says nothing of place and camera', async () => {
    const exif = {
      IFD0: { Make: 'SecretCamera' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '52/1 31/1 12/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '13/1 24/1 18/1',
      },
    }
    const photo = await (await sample(400, 200))
      .jpeg()
      .withExif(exif)
      .withMetadata({ orientation: 6 })
      .withXmp('<x:xmpmeta>SecretPlace</x:xmpmeta>')
      .toBuffer()
    expect(photo.includes('SecretCamera') && photo.includes('SecretPlace')).toBe(true)
    expect((await sharp(photo).metadata()).orientation).toBe(6)
    const made = await madeOf(photo, 'background')
    for (const picture of made.values()) {
      const { width, height, exif: kept, xmp, icc, orientation } = await sharp(picture).metadata()
      expect([width, height, kept, xmp, icc, orientation]).toEqual([
        200,
        400,
        undefined,
        undefined,
        undefined,
        undefined,
      ])
      expect(picture.includes('Secret')).toBe(false)
      // A quarter turn clockwise: the red left half is on top now.
      expect([await colourAt(picture, 0.3, 0.1), await colourAt(picture, 0.3, 0.9)]).toEqual(['100', '001'])
    }
  })

  it('with something behind its end, or inside, leaves that behind', async () => {
    const page = '<html><script>alert(1)</script>'
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const file = Buffer.concat([await (await sample()).toFormat(format).toBuffer(), Buffer.from(page)])
      for (const picture of (await madeOf(file)).values()) expect(picture.includes('script')).toBe(false)
    }
  })

  it.each<[string, () => Promise<Buffer>]>([
    ['in CMYK', async () => (await sample()).toColourspace('cmyk').jpeg().toBuffer()],
    ['of 16 bits', async () => (await sample()).toColourspace('rgb16').png().toBuffer()],
    ['that can be seen through', async () => (await sample()).ensureAlpha(0.5).png().toBuffer()],
  ])('%s is taken', async (_case, make) => {
    expect(await sizesOf(await madeOf(await make()))).toContainEqual(['webp', 128, 128])
  })

  it('that moves becomes its first frame', async () => {
    const frames = await Promise.all(
      ['red', 'blue'].map((background) =>
        sharp({ create: { width: 80, height: 80, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    )
    const moving = await sharp(frames, { join: { animated: true } })
      .webp({ delay: [100, 100] })
      .toBuffer()
    expect((await sharp(moving, { animated: true }).metadata()).pages).toBe(2)
    for (const picture of (await madeOf(moving)).values()) {
      expect((await sharp(picture, { animated: true }).metadata()).pages ?? 1).toBe(1)
      expect(await colourAt(picture, 0.5, 0.5)).toBe('100')
    }
  })

  it('made twice of one upload is the same, and goes as a whole', async () => {
    const order = {
      uploadId: await upload(await (await sample()).png().toBuffer()),
      kind: 'avatar',
      folder: 'users/8',
    } as const
    const key = await pictures.make(order)
    expect(await pictures.make(order)).toBe(key)
    expect(await pictures.isWhole(order)).toBe(true)
    await pictures.remove(key)
    expect(await pictures.isWhole(order)).toBe(false)
    for await (const { key } of storage.list('media/users/8')) expect(key).toBe('gone')
  })
})

describe('refused is', () => {
  it.each<[string, () => Promise<Buffer> | Buffer]>([
    ['nothing at all', () => Buffer.alloc(0)],
    ['text', () => Buffer.from('hello')],
    ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>')],
    ['an HTML page', () => Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['a GIF', async () => (await sample()).gif().toBuffer()],
    ['a TIFF', async () => (await sample()).tiff().toBuffer()],
    ['a PDF', () => Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj')],
    [
      'an SVG behind the first bytes of a JPEG',
      () => Buffer.from('\xff\xd8\xff<svg xmlns="http://www.w3.org/2000/svg"/>', 'latin1'),
    ],
    [
      'half of a PNG',
      async () => (await (await sample(900, 900)).png({ compressionLevel: 0 }).toBuffer()).subarray(0, 900_000),
    ],
    ['the head of a JPEG', async () => (await (await sample(900, 900)).jpeg().toBuffer()).subarray(0, 700)],
  ])('%s', async (_case, make) => {
    expect(await refusal(await make())).toMatch(/^not_a_picture: /)
  })

  it('what has more bytes than its kind may', async () => {
    const large = await (await sample(1400, 1400)).png({ compressionLevel: 0 }).toBuffer()
    expect(large.length).toBeGreaterThan(pictureKinds.avatar.maxBytes)
    expect(await refusal(large)).toMatch(/^not_a_picture: .*bytes/)
    expect(await refusal(large, 'background')).toBe('taken')
  })

  it('a claim of 900 million pixels, within 100 ms and without a process', async () => {
    const uploadId = await upload(claimingPng(30_000, 30_000))
    const rssBefore = process.memoryUsage.rss()
    let tookMs = 0
    const { result, peakBytes } = await measureUsage({ parentPid: process.pid, folder: work }, async () => {
      const startedAt = performance.now()
      const message = await pictures
        .make({ uploadId, kind: 'avatar', folder: 'users/7' })
        .catch((error: Error) => error.message)
      tookMs = performance.now() - startedAt
      return message
    })
    expect(result).toContain('30000 by 30000')
    expect(tookMs).toBeLessThan(100)
    expect(peakBytes).toBe(0)
    expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(50 * 1024 * 1024)
  })

  it('a claim that is hidden from the first look, by the decoder, which stays small', async () => {
    const bomb = claimingPng(16_000, 16_000)
    const path = join(folder, 'bomb.png')
    await writeFile(path, bomb)
    const maker = await PictureMaker.open({ folder: work, concurrency: 1 })
    const { result, peakBytes } = await measureUsage({ parentPid: process.pid, folder: work }, () =>
      maker.make(path, pictureKinds.avatar).catch((error) => error),
    )
    expect(result).toBeInstanceOf(NotAPictureError)
    expect(result.reason).toContain('more than 8192 pixels')
    expect(peakBytes).toBeLessThan(150 * 1024 * 1024)
  })
})

it('is counted, by kind and by what becomes of it', async () => {
  const counts = async () => {
    const { values } = await picturesMade.get()
    const ofCovers = values.filter(({ labels }) => labels.kind === 'cover')
    return Object.fromEntries(ofCovers.map(({ labels, value }) => [labels.outcome, value]))
  }
  const before = await counts()
  await madeOf(await (await sample()).png().toBuffer(), 'cover')
  await refusal(Buffer.from('hello'), 'cover')
  const gone = { uploadId: 'f'.repeat(32), kind: 'cover', folder: 'users/7' } as const
  await expect(pictures.make(gone)).rejects.toMatchObject({ code: 'upload_not_found' })
  const after = await counts()
  const gained = ['made', 'refused', 'failed'].map((outcome) => (after[outcome] ?? 0) - (before[outcome] ?? 0))
  expect(gained).toEqual([1, 1, 1])
})

describe('the first look at a file', () => {
  it('ends soon and in a verdict, whatever the bytes are', () => {
    const starts = [
      Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      Buffer.from('RIFF\0\0\0\0WEBPVP8X'),
      Buffer.from('\0\0\0\x1cftypavif'),
      Buffer.from('\0\0\0\x08ftyp\0\0\0\x08meta'),
    ]
    const file = fc.tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 2_000 }))
    fc.assert(
      fc.property(file, ([start, rest]) => {
        try {
          checkHeader(Buffer.concat([start, rest]))
        } catch (error) {
          expect(error).toBeInstanceOf(NotAPictureError)
        }
      }),
      { numRuns: 500 },
    )
    for (const start of starts) {
      for (const filler of [[0], [0xff], [0, 2, 0xff, 0xe0], [0, 0, 0, 8]]) {
        const startedAt = performance.now()
        const head = Buffer.concat([start, Buffer.alloc(HEADER_BYTES - start.length, Buffer.from(filler))])
        expect(() => checkHeader(head)).not.toThrow(TypeError)
        expect(performance.now() - startedAt).toBeLessThan(1_000)
      }
    }
  })
})
