import { type FileHandle, open } from 'node:fs/promises'
import { type BoxHeader, readBoxHeader } from '../media/mp4-box.ts'
import { NotAVideoError } from '../media/not-a-video-error.ts'
import { readAt } from '../media/read-at.ts'

/** Four hours at 60 frames a second, each with its own size and time, have a fifth of it. */
const MAX_INDEX_BYTES = 64 * 1024 ** 2
const PIECE_BYTES = 1024 ** 2
/** The way to the tables of chunk offsets (ISO/IEC 14496-12, 8.7.5). */
const ON_THE_WAY = ['trak', 'mdia', 'minf', 'stbl']
const MAX_UINT32 = 0xffff_ffff

/** A box of the file: its header, and where it begins. */
interface Place {
  at: number
  header: BoxHeader
}

/**
 * A movie with its index (`moov`) before its media, byte for byte the same otherwise: players begin
 * without having read to the end. Chunk offsets grow by the index where the index moves past them.
 *
 * @param path of a movie that is whole, not in fragments, and has its index last
 * @returns its bytes, to be read once
 * @throws NotAVideoError where the index cannot be moved
 */
export async function* indexFirst(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const { first, index } = await findPlaces(file, size)
    const to = first.header.type === 'ftyp' ? first.at + first.header.bytes : 0
    const end = index.header.bytes === 0 ? size : index.at + index.header.bytes
    const moved = await readIndex(file, index, end)
    shiftOffsets(moved.subarray(index.header.headerBytes), { from: to, before: index.at, by: moved.length })
    yield* pieces(file, 0, to)
    yield moved
    yield* pieces(file, to, index.at)
    yield* pieces(file, end, size)
  } finally {
    await file.close()
  }
}

async function findPlaces(file: FileHandle, size: number): Promise<{ first: Place; index: Place }> {
  let first: Place | undefined
  for (let at = 0; at < size; ) {
    const header = readBoxHeader(await readAt(file, at, 16))
    if (!header) break
    first ??= { at, header }
    if (header.type === 'moov') return { first, index: { at, header } }
    if (header.bytes === 0) break
    at += header.bytes
  }
  throw new NotAVideoError('It has no index that can be moved')
}

/** @returns the whole box, which says how large it is, since it is the last no more */
async function readIndex(file: FileHandle, { at, header }: Place, end: number): Promise<Buffer> {
  if (end - at > MAX_INDEX_BYTES) throw new NotAVideoError('Its index is too large to be moved')
  const box = await readAt(file, at, end - at)
  if (header.bytes === 0) box.writeUInt32BE(box.length)
  return box
}

/** Adds to all offsets between two places. */
interface Shift {
  from: number
  before: number
  by: number
}

function shiftOffsets(content: Buffer, shift: Shift): void {
  for (let at = 0; at + 8 <= content.length; ) {
    const header = readBoxHeader(content.subarray(at, at + 16))
    if (!header || header.bytes === 0 || at + header.bytes > content.length) return
    const inner = content.subarray(at + header.headerBytes, at + header.bytes)
    if (ON_THE_WAY.includes(header.type)) shiftOffsets(inner, shift)
    else if (header.type === 'stco' || header.type === 'co64') shiftTable(inner, header.type, shift)
    else if (header.type === 'cmov') throw new NotAVideoError('Its index is compressed')
    at += header.bytes
  }
}

function shiftTable(table: Buffer, type: 'stco' | 'co64', { from, before, by }: Shift): void {
  const entryBytes = type === 'stco' ? 4 : 8
  const count = table.length < 8 ? 0 : table.readUInt32BE(4)
  if (8 + count * entryBytes > table.length) throw new NotAVideoError('Its index is damaged')
  for (let at = 8; at < 8 + count * entryBytes; at += entryBytes) {
    const offset = type === 'stco' ? table.readUInt32BE(at) : Number(table.readBigUInt64BE(at))
    if (offset < from || offset >= before) continue
    if (type === 'co64') table.writeBigUInt64BE(BigInt(offset + by), at)
    else if (offset + by <= MAX_UINT32) table.writeUInt32BE(offset + by, at)
    else throw new NotAVideoError('Its index has no room for larger offsets')
  }
}

async function* pieces(file: FileHandle, from: number, to: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < to; ) {
    const piece = await readAt(file, at, Math.min(PIECE_BYTES, to - at))
    if (piece.length === 0) throw new Error('the file became shorter')
    yield piece
    at += piece.length
  }
}
