import { execFile } from 'node:child_process'
import { open, rm } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { box, replaceBoxes } from '../testing/clips.ts'
import { examinationRoom } from '../testing/examination.ts'
import { topLevelBoxes } from '../testing/forged-media.ts'
import { layouts, type Movies, makeMovies } from '../testing/movie-layouts.ts'
import { indexFirst } from './index-first.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const room = examinationRoom()
let movies: Movies
beforeAll(async () => {
  movies = await makeMovies(room.folder)
})

/** Every packet with its time, its size and a checksum of its bytes. */
async function packetsOf(path: string): Promise<string> {
  const args = ['-v', 'error', '-i', path, '-map', '0', '-c', 'copy', '-f', 'framecrc', '-']
  return (await promisify(execFile)('ffmpeg', args)).stdout
}

async function rewritten(bytes: Buffer): Promise<{ before: string; after: string; bytes: Buffer }> {
  const before = await room.write('before.mp4', bytes)
  const moved = await buffer(indexFirst(before))
  return { before, after: await room.write('after.mp4', moved), bytes: moved }
}

const typesOf = (bytes: Buffer) => topLevelBoxes(bytes).map(({ type }) => type)
const indexLast = (bytes: Buffer) => typesOf(bytes).indexOf('mdat') < typesOf(bytes).indexOf('moov')
const refusal = (bytes: Buffer) => rewritten(bytes).catch(({ reason }) => reason)

describe('a movie whose index is last', () => {
  test.each(layouts)('%s: begins with its index, has the same packets and no byte more', async (_layout, arrange) => {
    const bytes = arrange(movies)
    if (!indexLast(bytes)) return
    const { before, after, bytes: moved } = await rewritten(bytes)
    expect(typesOf(moved).slice(0, 2)).toContain('moov')
    expect(moved.length).toBe(bytes.length)
    expect(await packetsOf(after)).toBe(await packetsOf(before))
    expect((await room.findings(after)).isIndexLast).toBe(false)
  })

  test('whose index goes to the end of the file says how large it is', async () => {
    const bytes = Buffer.from(movies['index last.mp4'])
    const index = topLevelBoxes(bytes).find(({ type }) => type === 'moov')
    if (!index) throw new Error('no index')
    bytes.writeUInt32BE(0, index.at)
    const { after } = await rewritten(bytes)
    expect(await packetsOf(after)).toBe(await packetsOf(await room.write('plain.mp4', movies['index last.mp4'])))
  })

  test('keeps what stands behind its index behind its media', async () => {
    const tail = Buffer.from('a camera was here')
    const { after, bytes } = await rewritten(Buffer.concat([movies['index last.mp4'], tail]))
    expect(bytes.subarray(-tail.length)).toEqual(tail)
    expect((await room.findings(after)).isIndexLast).toBe(false)
  })
})

describe('an index stays where it is', () => {
  const withTable = (change: (table: Buffer) => Buffer) => replaceBoxes(movies['index last.mp4'], 'stco', change)

  test('whose offsets have no room to grow, as that of a file of 4 GiB', async () => {
    const path = await room.write('large.mp4', box('ftyp', Buffer.from('isom\0\0\0\0')))
    const mediaBytes = 2 ** 32 - 1000
    const header = Buffer.alloc(8)
    header.writeUInt32BE(mediaBytes)
    header.write('mdat', 4, 'latin1')
    const table = Buffer.alloc(12)
    table.writeUInt32BE(1, 4)
    table.writeUInt32BE(mediaBytes - 50, 8)
    const index = box(
      'moov',
      box('trak', box('mdia', box('minf', box('stbl', box('stco', table))))),
      box('free', Buffer.alloc(2000)),
    )
    const file = await open(path, 'r+')
    await file.write(header, 0, header.length, 16)
    await file.write(index, 0, index.length, 16 + mediaBytes)
    await file.close()
    const first = indexFirst(path).next()
    await expect(first).rejects.toMatchObject({ reason: 'Its index has no room for larger offsets' })
    await rm(path)
  })

  test('that says it has more offsets than it has', async () => {
    const bytes = withTable((table) => {
      const changed = Buffer.from(table)
      changed.writeUInt32BE(0xffff_ffff, 4)
      return changed
    })
    expect(await refusal(bytes)).toBe('Its index is damaged')
  })

  test('that is compressed', async () => {
    const [type, ...others] = topLevelBoxes(movies['index last.mp4']).filter(({ type }) => type !== 'moov')
    const boxes = [type, ...others].map((each) => each?.bytes ?? Buffer.alloc(0))
    expect(await refusal(Buffer.concat([...boxes, box('moov', box('cmov', Buffer.alloc(20)))]))).toBe(
      'Its index is compressed',
    )
  })

  test('that is not there', async () => {
    const [type] = topLevelBoxes(movies['index last.mp4'])
    expect(await refusal(type?.bytes ?? Buffer.alloc(0))).toBe('It has no index that can be moved')
  })
})
