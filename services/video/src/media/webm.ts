import type { FileHandle } from 'node:fs/promises'
import { DAMAGED, INCOMPLETE, NotAVideoError, TOO_MANY_STREAMS } from './not-a-video-error.ts'
import { readAt } from './read-at.ts'

const EBML_MAGIC = 0x1a45dfa3
const SEGMENT_ID = 0x18538067
const TRACKS_ID = 0x1654ae6b
const CLUSTER_ID = 0x1f43b675
/**
 * A track description has some hundred bytes. For 100,000 tracks ffmpeg would use all its CPU time.
 */
const MAX_TRACKS_BYTES = 1024 * 1024
/** Few elements precede the first pictures: general information, tracks, tags, indexes, padding. */
const MAX_ELEMENTS = 100

export const startsAsWebm = (head: Buffer): boolean => head.length >= 12 && head.readUInt32BE(0) === EBML_MAGIC

/**
 * Checks a WebM or Matroska file from the sizes its elements state (RFC 8794, RFC 9559).
 *
 * @param head the first bytes of the file
 * @returns whether the size of its segment is unknown, so that nothing tells if the end is missing
 * @throws NotAVideoError
 */
export async function readWebm(file: FileHandle, fileBytes: number, head: Buffer): Promise<boolean> {
  const segment = checkSegment(head, fileBytes)
  await checkTracks(file, segment.contentAt)
  return segment.isOpenEnded
}

/** Compares the size that the segment states with what the file has. */
function checkSegment(head: Buffer, fileBytes: number): { isOpenEnded: boolean; contentAt: number } {
  const header = readElementSize(head, 4)
  const segmentAt = header.end + (header.bytes ?? 0)
  if (segmentAt + 12 > head.length) throw new NotAVideoError(fileBytes < segmentAt + 12 ? INCOMPLETE : DAMAGED)
  if (head.readUInt32BE(segmentAt) !== SEGMENT_ID) throw new NotAVideoError(DAMAGED)
  const segment = readElementSize(head, segmentAt + 4)
  if (segment.bytes !== null && segment.end + segment.bytes > fileBytes) throw new NotAVideoError(INCOMPLETE)
  return { isOpenEnded: segment.bytes === null, contentAt: segment.end }
}

/** Looks at the elements before the pictures for more tracks than a video can have. */
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
    if (tracksBytes > MAX_TRACKS_BYTES) throw new NotAVideoError(TOO_MANY_STREAMS)
    at += end + bytes
  }
}

/**
 * Reads an EBML variable-length size: leading zero bits count the bytes that follow; all ones mean
 * "unknown".
 */
function readElementSize(bytes: Buffer, at: number): { bytes: number | null; end: number } {
  const first = bytes[at] ?? 0
  const length = Math.clz32(first) - 23
  if (length > 8 || at + length > bytes.length) throw new NotAVideoError(DAMAGED)
  let value = BigInt(first & (0xff >> length))
  for (let index = 1; index < length; index++) value = (value << 8n) | BigInt(bytes[at + index] ?? 0)
  const isUnknown = value === (1n << BigInt(7 * length)) - 1n
  return { bytes: isUnknown ? null : Number(value), end: at + length }
}
