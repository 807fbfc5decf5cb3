import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { box } from '../testing/clips.ts'
import { topLevelBoxes } from '../testing/forged-media.ts'
import { layouts, type Movies, makeMovies } from '../testing/movie-layouts.ts'
import { readContainer } from './container.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** Cuts at every byte, instead of some and all around the boxes. */
const isFull = process.env.FULL === '1'

let folder: string
let movies: Movies

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanone-container-'))
  movies = await makeMovies(folder)
})
afterAll(() => rm(folder, { recursive: true }))

const movie = (name: keyof Movies) => movies[name]

/** What is found of a file: its structure, or why it is refused. */
async function found(bytes: Buffer) {
  const path = join(folder, 'file')
  await writeFile(path, bytes)
  return readContainer(path).catch((error: Error) => error.message)
}

const whole = { family: 'mp4', isOpenEnded: false, isIndexLast: false }

function isIndexLast(bytes: Buffer): boolean {
  const types = topLevelBoxes(bytes).map(({ type }) => type)
  return types.indexOf('mdat') < types.indexOf('moov')
}
const incomplete = 'The file is incomplete'

/** Where to cut a file: at every byte, or around each box and at some places within. */
function cuts(bytes: Buffer): number[] {
  const boundaries = topLevelBoxes(bytes).map(({ at }) => at)
  const places = new Set<number>()
  for (let at = 12; at < bytes.length; at += isFull ? 1 : 997) places.add(at)
  for (const at of [...boundaries, bytes.length]) for (let by = -17; by <= 17; by++) places.add(at + by)
  return [...places].filter((at) => at >= 12 && at < bytes.length)
}

describe.each(layouts)('a movie (%s)', (_layout, arrange) => {
  const make = () => arrange(movies)
  const asItIs = () => ({ ...whole, isIndexLast: isIndexLast(make()) })

  test('is accepted whole', async () => {
    expect(await found(make())).toEqual(asItIs())
  })

  test('is incomplete wherever it is cut', async () => {
    const bytes = make()
    for (const at of cuts(bytes)) {
      expect(await found(bytes.subarray(0, at)), `cut at ${at} of ${bytes.length}`).toBe(incomplete)
    }
  })

  test('is accepted with bytes behind it that are no box', async () => {
    const bytes = make()
    for (const tail of tails)
      expect(await found(Buffer.concat([bytes, tail])), tail.toString('hex', 0, 16)).toEqual(asItIs())
  })
})

const tails: Buffer[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 511, 4_096, 100_000].map((length) => Buffer.alloc(length)),
  ...[1, 4, 8, 64].map((length) => Buffer.alloc(length, 0xff)),
  Buffer.from('\r\n'),
  Buffer.from('\n'),
  Buffer.from('</html>\r\n'),
  Buffer.from(`TAG${'a title'.padEnd(125)}`),
  Buffer.from('APETAGEX\xd0\x07\0\0'.padEnd(160, '\0'), 'latin1'),
  Buffer.from('504b0506'.padEnd(44, '0'), 'hex'),
  // Sizes that no header can have, and ones that are cut themselves.
  Buffer.from('\0\0\0\x02\x01\x02\x03\x04', 'latin1'),
  Buffer.from('\0\0\0\x01\x01\x02\x03\x04\0\0', 'latin1'),
  Buffer.from('\0\0\0\x01\x01\x02\x03\x04\0\0\0\0\0\0\0\x03', 'latin1'),
  box('free', Buffer.alloc(20)),
  Buffer.concat([box('udta', Buffer.alloc(20)), Buffer.from('\r\n')]),
  Buffer.concat([box('sefd', Buffer.alloc(20)), Buffer.alloc(3)]),
]

test('whatever bytes stand behind a movie are no fault', async () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 })
  await fc.assert(
    fc.asyncProperty(bytes, async (tail) => {
      expect(await found(Buffer.concat([movie('index first.mp4'), tail]))).toEqual(whole)
    }),
    { numRuns: isFull ? 2_000 : 100 },
  )
})

test.each(['free', 'mdat', 'moof', 'uuid', 'mfra', 'udta'])(
  'a %s box behind a movie that was cut is seen',
  async (type) => {
    const behind = box(type, Buffer.alloc(100))
    for (const kept of [8, 9, 50, 107]) {
      expect(await found(Buffer.concat([movie('index first.mp4'), behind.subarray(0, kept)])), `${kept}`).toBe(
        incomplete,
      )
    }
  },
)

describe('a movie in fragments', () => {
  const fragments = () => movie('fragments.mp4')
  /** What comes first: the index, which lists no frame. */
  const firstFragment = () => topLevelBoxes(fragments()).find(({ type }) => type === 'moof')?.at ?? 0

  test('is accepted whole, and with bytes behind it', async () => {
    expect(await found(fragments())).toEqual(whole)
    for (const tail of tails) expect(await found(Buffer.concat([fragments(), tail]))).toEqual(whole)
  })

  test('is incomplete wherever it is cut, except where a fragment ends', async () => {
    const boxes = topLevelBoxes(fragments())
    const ends = boxes.filter(({ type }) => type === 'mdat').map(({ at, bytes }) => at + bytes.length)
    // Up to three zeros may be the beginning of a size, or padding.
    const isEnd = (at: number) =>
      ends.some(
        (end) =>
          at >= end &&
          fragments()
            .subarray(end, at)
            .every((byte) => byte === 0),
      )
    expect(ends.length).toBeGreaterThan(2)
    for (const at of cuts(fragments())) {
      expect(await found(fragments().subarray(0, at)), `cut at ${at}`).toEqual(isEnd(at) ? whole : incomplete)
    }
  })

  test('is open-ended when its last box is', async () => {
    const boxes = topLevelBoxes(fragments()).filter(({ type }) => type !== 'mfra')
    const bytes = Buffer.concat(boxes.map((each) => each.bytes))
    bytes.writeUInt32BE(0, boxes.at(-1)?.at)
    expect(await found(bytes)).toEqual({ ...whole, isOpenEnded: true })
  })

  test('is incomplete without its index', async () => {
    const withoutIndex = fragments().subarray(firstFragment())
    for (const start of [Buffer.alloc(0), box('ftyp', Buffer.alloc(8)), box('styp', Buffer.alloc(8))]) {
      expect(await found(Buffer.concat([start, withoutIndex]))).toBe(incomplete)
    }
  })
})

describe('what is no movie is refused, whatever its first box is called', () => {
  test.each(['wide', 'mdat', 'moov', 'free', 'skip', 'pnot'])('%s', async (type) => {
    for (const content of [Buffer.alloc(0), Buffer.alloc(50), Buffer.from('#EXTM3U\n#EXTINF:9,\nsecret.ts\n')]) {
      expect(await found(Buffer.concat([box(type, content), Buffer.alloc(8)]))).toBe(incomplete)
    }
  })

  test('an image behind padding', async () => {
    const image = box('ftyp', Buffer.from('avif\0\0\0\0avif'))
    expect(await found(Buffer.concat([box('free'), image, box('meta', Buffer.alloc(20))]))).toBe('The file is an image')
  })
})
