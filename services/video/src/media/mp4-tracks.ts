import type { FileHandle } from 'node:fs/promises'
import { readBoxHeader } from './mp4-box.ts'
import { ENCRYPTED, NotAVideoError, TOO_MANY_STREAMS } from './not-a-video-error.ts'
import { readAt } from './read-at.ts'

/** What ffmpeg is allowed as well. */
export const MAX_STREAMS = 32
/** A track has about 20 boxes at the levels that are looked at. */
const MAX_BOXES = 5_000
/** More samples than this in one chunk are not counted. */
const MAX_CHUNK_SAMPLES = 100_000
/** Sample entries of encrypted tracks: Common Encryption (ISO/IEC 23001-7), FairPlay. */
const ENCRYPTED_ENTRY = /^(enc[vatsm]|drm[ist])$/

/** A box: where its content is. */
interface Range {
  start: number
  end: number
}

/**
 * Reads of each picture and sound track whether it is encrypted and where its media end (ISO/IEC 14496-12, 8.5 to 8.7). Tables are
 * not read but looked up at their ends. What cannot be followed is left to ffmpeg.
 *
 * @param index the content of `moov`
 * @returns the offset behind the last byte that the index names, 0 where it names none
 * @throws NotAVideoError when there are too many tracks, or encrypted ones
 */
export async function readTracks(file: FileHandle, index: Range): Promise<number> {
  const reader = new BoxReader(file)
  let mediaEnd = 0
  let count = 0
  for await (const [type, track] of reader.childrenOf(index)) {
    if (type !== 'trak') continue
    count += 1
    if (count > MAX_STREAMS) throw new NotAVideoError(TOO_MANY_STREAMS)
    mediaEnd = Math.max(mediaEnd, await readTrack(reader, track))
  }
  return mediaEnd
}

async function readTrack(reader: BoxReader, track: Range): Promise<number> {
  const media = await reader.find(track, 'mdia')
  const handler = media && (await reader.find(media, 'hdlr'))
  const kind = handler && (await reader.bytes(handler, 8, 4))?.toString('latin1')
  if (!media || !kind || !['vide', 'soun'].includes(kind)) return 0
  const tables = await reader.find(media, 'minf', 'stbl')
  if (!tables) return 0
  const descriptions = await reader.find(tables, 'stsd')
  if (descriptions) await refuseEncrypted(reader, descriptions)
  return await lastChunkEnd(reader, tables)
}

async function refuseEncrypted(reader: BoxReader, descriptions: Range): Promise<void> {
  for await (const [type] of reader.childrenOf({ ...descriptions, start: descriptions.start + 8 })) {
    if (ENCRYPTED_ENTRY.test(type)) throw new NotAVideoError(ENCRYPTED)
  }
}

/**
 * End of a track's last chunk. Equal sample sizes are not added: old sound formats state other
 * sizes.
 */
async function lastChunkEnd(reader: BoxReader, tables: Range): Promise<number> {
  const shortOffsets = await reader.find(tables, 'stco')
  const offsets = shortOffsets ?? (await reader.find(tables, 'co64'))
  const offset = offsets && (await reader.lastEntry(offsets, 4, shortOffsets ? 4 : 8))
  if (!offset) return 0
  const start = offset.length === 4 ? offset.readUInt32BE() : Number(offset.readBigUInt64BE())
  const runs = await reader.find(tables, 'stsc')
  const sizes = await reader.find(tables, 'stsz')
  const samples = (runs && (await reader.lastEntry(runs, 4, 12)))?.readUInt32BE(4) ?? 0
  const fixedSize = (sizes && (await reader.bytes(sizes, 4, 4)))?.readUInt32BE()
  if (!sizes || fixedSize !== 0 || samples > MAX_CHUNK_SAMPLES) return start
  const entries = await reader.lastEntry(sizes, 8, 4, samples)
  let bytes = 0
  for (let at = 0; at < (entries?.length ?? 0); at += 4) bytes += entries?.readUInt32BE(at) ?? 0
  return start + bytes
}

/** Finds boxes within boxes, up to a number of boxes that no honest file needs. */
class BoxReader {
  readonly #file: FileHandle
  #count = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  async *childrenOf(parent: Range): AsyncGenerator<[type: string, content: Range]> {
    for (let at = parent.start; at + 8 <= parent.end && this.#count < MAX_BOXES; this.#count++) {
      const header = readBoxHeader(await readAt(this.#file, at, 16))
      if (!header || header.bytes === 0 || at + header.bytes > parent.end) return
      yield [header.type, { start: at + header.headerBytes, end: at + header.bytes }]
      at += header.bytes
    }
  }

  /** The first box of each type, one within the other. */
  async find(parent: Range, ...types: string[]): Promise<Range | undefined> {
    const [type, ...inner] = types
    for await (const [name, content] of this.childrenOf(parent)) {
      if (name === type) return inner.length > 0 ? this.find(content, ...inner) : content
    }
    return undefined
  }

  /** @returns undefined where the box has no such bytes */
  async bytes({ start, end }: Range, at: number, length: number): Promise<Buffer | undefined> {
    if (at < 0 || start + at + length > end) return undefined
    const bytes = await readAt(this.#file, start + at, length)
    return bytes.length === length ? bytes : undefined
  }

  /** The last entries of a table: their number stands at `countAt`, the first of them behind it. */
  async lastEntry(table: Range, countAt: number, entryBytes: number, entries = 1): Promise<Buffer | undefined> {
    const count = (await this.bytes(table, countAt, 4))?.readUInt32BE() ?? 0
    if (entries > count) return undefined
    return this.bytes(table, countAt + 4 + (count - entries) * entryBytes, entries * entryBytes)
  }
}
