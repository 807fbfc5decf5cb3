import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { box, type Clip, makeClip, replaceBoxes } from './clips.ts'
import { moveMedia, relabel, topLevelBoxes } from './forged-media.ts'

const EXTRA = {
  'index last.mp4': [],
  'index first.mp4': ['-movflags', 'faststart'],
  'fragments.mp4': ['-movflags', 'frag_keyframe+empty_moov+default_base_moof'],
  'quicktime.mov': [],
}
/** The same second of picture and sound, by the name of the file. */
export type Movies = Record<keyof typeof EXTRA, Buffer>

export async function makeMovies(folder: string): Promise<Movies> {
  const made: Partial<Movies> = {}
  for (const [name, extra] of Object.entries(EXTRA)) {
    const clip: Clip = { size: '64x48', seconds: 1, audio: 'aac', extra: ['-g', '10', ...extra] }
    made[name as keyof Movies] = await readFile(await makeClip(join(folder, name), clip))
  }
  return made as Movies
}

/** A box whose size has 64 bits takes the place of the small box before it. */
function withLongSize(bytes: Buffer): Buffer {
  const boxes = topLevelBoxes(bytes)
  const media = boxes.find(({ type }) => type === 'mdat')
  const padding = boxes.find(({ type }) => type === 'free')
  if (!media || padding?.at !== media.at - 8) throw new Error('The clip has no padding before its media')
  const changed = Buffer.from(bytes)
  changed.writeUInt32BE(1, padding.at)
  changed.write('mdat', padding.at + 4, 'latin1')
  changed.writeBigUInt64BE(BigInt(media.bytes.length + 8), padding.at + 8)
  return changed
}

/** The media in two boxes, the second one beginning with a chunk. */
function withMediaInTwo(bytes: Buffer): Buffer {
  const media = topLevelBoxes(bytes).at(-1)
  if (media?.type !== 'mdat') throw new Error('The media do not come last')
  const chunks: number[] = []
  moveMedia(bytes, (offset) => {
    chunks.push(offset)
    return offset
  })
  const split = chunks.toSorted((a, b) => a - b)[Math.floor(chunks.length / 2)] as number
  const head = moveMedia(bytes, (offset) => (offset >= split ? offset + 8 : offset)).subarray(0, media.at)
  return Buffer.concat([head, box('mdat', bytes.subarray(media.at + 8, split)), box('mdat', bytes.subarray(split))])
}

/** Movies as different programs lay them out. */
export const layouts: [string, (movies: Movies) => Buffer][] = [
  ['index last', (movies) => movies['index last.mp4']],
  ['index first', (movies) => movies['index first.mp4']],
  ['QuickTime with ftyp', (movies) => movies['quicktime.mov']],
  ['QuickTime, wide first', (movies) => relabel(movies['quicktime.mov'], 'ftyp', { type: 'wide' })],
  ['QuickTime, free first', (movies) => relabel(movies['quicktime.mov'], 'ftyp', { type: 'free' })],
  ['QuickTime, skip first', (movies) => relabel(movies['index first.mp4'], 'ftyp', { type: 'skip' })],
  ['QuickTime, media first', (movies) => withoutType(movies['index last.mp4'])],
  ['QuickTime, index first', (movies) => withoutType(movies['index first.mp4'])],
  ['media with a size of 64 bits', (movies) => withLongSize(movies['index last.mp4'])],
  ['media with a size of 64 bits, index first', (movies) => withLongSize(movies['index first.mp4'])],
  ['media to the end of the file', (movies) => relabel(movies['index first.mp4'], 'mdat', { size: 0 })],
  ['media in two boxes', (movies) => withMediaInTwo(movies['index first.mp4'])],
  ['offsets of 64 bits', (movies) => withLongOffsets(movies['index last.mp4'])],
  ['chunks that claim more samples than there are', (movies) => withFullChunks(movies['index first.mp4'])],
  ['a box nobody knows in the middle', (movies) => relabel(movies['index last.mp4'], 'free', { type: 'Xtra' })],
]

/** The offsets of the media with 64 bits each, as movies of more than 4 GiB have them. */
function withLongOffsets(bytes: Buffer): Buffer {
  return replaceBoxes(bytes, 'stbl', (tables) => {
    const changed = topLevelBoxes(tables).map(({ type, bytes: table }) => {
      if (type !== 'stco') return table
      const offsets = Array.from({ length: table.readUInt32BE(12) }, (_, index) => {
        const offset = Buffer.alloc(8)
        offset.writeUInt32BE(table.readUInt32BE(16 + 4 * index), 4)
        return offset
      })
      return box('co64', table.subarray(8, 16), ...offsets)
    })
    return Buffer.concat(changed)
  })
}

/**
 * The last chunk of each track states three samples too many, as programs do that write one number
 * for all chunks.
 */
function withFullChunks(bytes: Buffer): Buffer {
  return replaceBoxes(bytes, 'stsc', (content) => {
    const changed = Buffer.from(content)
    changed.writeUInt32BE(content.readUInt32BE(content.length - 8) + 3, content.length - 8)
    return changed
  })
}

/** A movie that begins with its media or its index. */
function withoutType(bytes: Buffer): Buffer {
  const typeBytes = topLevelBoxes(bytes)[0]?.bytes.length ?? 0
  const paddingBytes = topLevelBoxes(bytes)[1]?.type === 'free' ? 8 : 0
  return moveMedia(bytes, (offset) => offset - typeBytes - paddingBytes).subarray(typeBytes + paddingBytes)
}
