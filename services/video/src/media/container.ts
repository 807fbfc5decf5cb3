import { type FileHandle, open } from 'node:fs/promises'
import { NotAVideoError } from './not-a-video-error.ts'

/** What a file says about itself in its own structure, before any decoder has seen it. */
export interface Container {
  /** MP4 and MOV are one family (ISO base media), WebM and Matroska the other. */
  family: 'mp4' | 'webm'
  /**
   * Whether the last part has no stated size ("up to the end of the file"), as live recordings have it. Then the structure
   * cannot tell whether something is missing.
   */
  isOpenEnded: boolean
}

const HEAD_BYTES = 512
/** How much is read around a box header: small boxes that follow each other then cost one read together. */
const WINDOW_BYTES = 4096
const EBML_MAGIC = 0x1a45dfa3
const SEGMENT_ID = 0x18538067
const TRACKS_ID = 0x1654ae6b
const CLUSTER_ID = 0x1f43b675
/** A track is described in some hundred bytes. For 100,000 of them in a WebM file ffmpeg would use all the CPU it is given. */
const MAX_TRACKS_BYTES = 1024 * 1024
/** In front of the first pictures stand few elements: general information, tracks, tags, indexes, padding. */
const MAX_ELEMENTS = 100
/** ISO base media brands of still images and image sequences. */
const IMAGE_BRAND = /^(avif|avis|mif1|msf1|he[iv][a-z])$/
/** Four hours in fragments of one second are 29,000 boxes. */
const MAX_BOXES = 100_000

const INCOMPLETE = 'The file is incomplete'
const DAMAGED = 'The file is damaged'

/**
 * Reads what kind of container a file is from its first bytes, and whether all of it is there from the sizes it states. Both cost
 * a few reads, whatever the size of the file.
 *
 * @throws NotAVideoError
 */
export async function readContainer(path: string): Promise<Container> {
  const file = await open(path)
  try {
    return await readOpenContainer(file)
  } finally {
    await file.close()
  }
}

async function readOpenContainer(file: FileHandle): Promise<Container> {
  const { size } = await file.stat()
  if (size === 0) throw new NotAVideoError('The file is empty')
  const head = await readAt(file, 0, HEAD_BYTES)
  if (head.length >= 12 && head.toString('latin1', 4, 8) === 'ftyp') {
    if (IMAGE_BRAND.test(head.toString('latin1', 8, 12))) throw new NotAVideoError('The file is an image')
    return { family: 'mp4', isOpenEnded: await walkBoxes(file, size) }
  }
  if (head.length >= 12 && head.readUInt32BE(0) === EBML_MAGIC) {
    const segment = checkSegment(head, size)
    await checkTracks(file, segment.contentAt)
    return { family: 'webm', isOpenEnded: segment.isOpenEnded }
  }
  throw new NotAVideoError('Only MP4, MOV and WebM files are accepted')
}

/**
 * Follows the top-level boxes (ISO/IEC 14496-12, 4.2) to the end of the file; they must meet it exactly.
 *
 * @returns whether the last box is open-ended
 */
async function walkBoxes(file: FileHandle, fileBytes: number): Promise<boolean> {
  let offset = 0
  let hasIndex = false
  let window: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) }
  for (let count = 0; offset < fileBytes; count++) {
    if (count === MAX_BOXES) throw new NotAVideoError(DAMAGED)
    if (offset + 16 > window.start + window.bytes.length) {
      window = { start: offset, bytes: await readAt(file, offset, WINDOW_BYTES) }
    }
    const header = window.bytes.subarray(offset - window.start, offset - window.start + 16)
    if (header.length < 8) throw new NotAVideoError(INCOMPLETE)
    hasIndex ||= header.toString('latin1', 4, 8) === 'moov'
    const boxBytes = readBoxSize(header)
    if (boxBytes === 0) return requireIndex(hasIndex, true)
    if (boxBytes < 8) throw new NotAVideoError(DAMAGED)
    offset += boxBytes
  }
  if (offset > fileBytes) throw new NotAVideoError(INCOMPLETE)
  return requireIndex(hasIndex, false)
}

/** Without a `moov` box nothing says what the bytes mean; many programs write it last, so a cut file lacks it. */
function requireIndex(hasIndex: boolean, isOpenEnded: boolean): boolean {
  if (!hasIndex) throw new NotAVideoError(INCOMPLETE)
  return isOpenEnded
}

/** The size a box states: 0 means "to the end of the file", 1 that a 64-bit size follows the type. */
function readBoxSize(header: Buffer): number {
  const size = header.readUInt32BE(0)
  if (size !== 1) return size
  if (header.length < 16) throw new NotAVideoError(INCOMPLETE)
  return Number(header.readBigUInt64BE(8))
}

/**
 * Compares the size that the Segment element states (RFC 8794, RFC 9559) with what the file has.
 *
 * @returns whether its size is unknown, and where its content begins
 */
function checkSegment(head: Buffer, fileBytes: number): { isOpenEnded: boolean; contentAt: number } {
  const header = readElementSize(head, 4)
  const segmentAt = header.end + (header.bytes ?? 0)
  if (segmentAt + 12 > head.length) throw new NotAVideoError(fileBytes < segmentAt + 12 ? INCOMPLETE : DAMAGED)
  if (head.readUInt32BE(segmentAt) !== SEGMENT_ID) throw new NotAVideoError(DAMAGED)
  const segment = readElementSize(head, segmentAt + 4)
  if (segment.bytes !== null && segment.end + segment.bytes > fileBytes) throw new NotAVideoError(INCOMPLETE)
  return { isOpenEnded: segment.bytes === null, contentAt: segment.end }
}

/** Looks at the elements in front of the pictures for more tracks than a video can have. */
async function checkTracks(file: FileHandle, contentAt: number): Promise<void> {
  let tracksBytes = 0
  for (let at = contentAt, count = 0; ; count++) {
    if (count === MAX_ELEMENTS) throw new NotAVideoError(DAMAGED)
    const header = await readAt(file, at, 12)
    const idBytes = Math.clz32(header[0] ?? 0) - 23
    // What cannot be followed is left to ffmpeg, which finds more than we do.
    if (header.length < 12 || idBytes > 4) return
    const id = header.readUIntBE(0, idBytes)
    const { bytes, end } = readElementSize(header, idBytes)
    if (id === CLUSTER_ID || bytes === null) return
    if (id === TRACKS_ID) tracksBytes += bytes
    if (tracksBytes > MAX_TRACKS_BYTES) throw new NotAVideoError('The file has too many streams')
    at += end + bytes
  }
}

/** Reads an EBML variable-length size: leading zero bits count the bytes that follow; all ones mean "unknown". */
function readElementSize(bytes: Buffer, at: number): { bytes: number | null; end: number } {
  const first = bytes[at] ?? 0
  const length = Math.clz32(first) - 23
  if (length > 8 || at + length > bytes.length) throw new NotAVideoError(DAMAGED)
  let value = BigInt(first & (0xff >> length))
  for (let index = 1; index < length; index++) value = (value << 8n) | BigInt(bytes[at + index] ?? 0)
  const isUnknown = value === (1n << BigInt(7 * length)) - 1n
  return { bytes: isUnknown ? null : Number(value), end: at + length }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
