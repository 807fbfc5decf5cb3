import type { FileHandle } from 'node:fs/promises'
import { readBoxHeader } from './mp4-box.ts'
import { ENCRYPTED, NotAVideoError, TOO_MANY_STREAMS } from './not-a-video-error.ts'
import { readAt } from './read-at.ts'

/** What ffmpeg is allowed as well. */
export const MAX_STREAMS = 32
/** A track has about 20 boxes at the levels that are looked at. */
const MAX_BOXES = 5_000
/**
 * What no honest file reaches within one chunk, or with runs of like chunks; what is beyond is not
 * counted.
 */
const MAX_CHUNK_SAMPLES = 100_000
const MAX_RUNS = 100_000
/** Sample entries of encrypted tracks: Common Encryption (ISO/IEC 23001-7), FairPlay. */
const ENCRYPTED_ENTRY = /^(enc[vatsm]|drm[ist])$/

/** A box: where its content is. */
interface Range {
  start: number
  end: number
}

/**
 * Reads of each picture and sound track whether it is encrypted and where its media end (ISO/IEC
 * 14496-12, 8.5 to 8.7). Tables are not read but looked up at their ends. What cannot be followed
 * is left to ffmpeg.
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
  const offset = offsets && (await reader.lastEntries(offsets, 4, shortOffsets ? 4 : 8))
  if (!offset) return 0
  const start = offset.length === 4 ? offset.readUInt32BE() : Number(offset.readBigUInt64BE())
  const sizes = await reader.find(tables, 'stsz')
  const fixedSize = (sizes && (await reader.bytes(sizes, 4, 4)))?.readUInt32BE()
  if (!sizes || fixedSize !== 0) return start
  const counts = { chunks: await reader.count(offsets, 4), samples: await reader.count(sizes, 8) }
  const samples = await lastChunkSamples(reader, await reader.find(tables, 'stsc'), counts)
  const entries = (await reader.lastEntries(sizes, 8, 4, samples)) ?? Buffer.alloc(0)
  let bytes = 0
  for (let at = 0; at < entries.length; at += 4) bytes += entries.readUInt32BE(at)
  return start + bytes
}

/**
 * How many samples the last chunk of a track has: what earlier chunks leave of all samples, because
 * some programs state the same number for the last chunk as for full ones. 0 where that cannot be
 * told.
 */
async function lastChunkSamples(
  reader: BoxReader,
  runsTable: Range | undefined,
  { chunks, samples }: { chunks: number; samples: number },
): Promise<number> {
  const count = runsTable ? await reader.count(runsTable, 4) : 0
  const runs = runsTable && count <= MAX_RUNS ? await reader.bytes(runsTable, 8, 12 * count) : undefined
  let earlier = 0
  let perChunk = 0
  for (let at = 0; runs && at < runs.length; at += 12) {
    const next = at + 12 < runs.length ? runs.readUInt32BE(at + 12) : chunks
    perChunk = runs.readUInt32BE(at + 4)
    earlier += (next - runs.readUInt32BE(at)) * perChunk
  }
  return Math.max(0, Math.min(perChunk, samples - earlier, MAX_CHUNK_SAMPLES))
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

  /** The number at a place of a table, which says how many entries follow. */
  async count(table: Range, at: number): Promise<number> {
    return (await this.bytes(table, at, 4))?.readUInt32BE() ?? 0
  }

  /** The last entries of a table: their number stands at `countAt`, the first of them behind it. */
  async lastEntries(table: Range, countAt: number, entryBytes: number, entries = 1): Promise<Buffer | undefined> {
    const count = await this.count(table, countAt)
    if (entries > count) return undefined
    return this.bytes(table, countAt + 4 + (count - entries) * entryBytes, entries * entryBytes)
  }
}
