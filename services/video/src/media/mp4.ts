import type { FileHandle } from 'node:fs/promises'
import { type BoxHeader, readBoxHeader } from './mp4-box.ts'
import { readTracks } from './mp4-tracks.ts'
import { DAMAGED, INCOMPLETE, NotAVideoError } from './not-a-video-error.ts'
import { readAt } from './read-at.ts'

/** How much is read around a box header, so that small adjacent boxes cost one read together. */
const WINDOW_BYTES = 4096
/** Four hours in fragments of one second are 29,000 boxes. */
const MAX_BOXES = 100_000
/** ISO base media brands of still images and image sequences. */
const IMAGE_BRAND = /^(avif|avis|mif1|msf1|he[iv][a-z])$/
/**
 * What a movie may begin with: QuickTime is older than `ftyp`; pieces of a broadcast begin with the
 * last three, and are told apart from what is no movie only to be refused as incomplete.
 */
const FIRST_TYPES = ['ftyp', 'wide', 'mdat', 'moov', 'free', 'skip', 'pnot', 'styp', 'sidx', 'moof']
/** Boxes at the top level of a movie. Anything else that follows its media is not part of it. */
const TOP_LEVEL = new Set([
  ...['ftyp', 'styp', 'moov', 'moof', 'mdat', 'mfra', 'sidx', 'ssix', 'prft', 'emsg', 'pdin', 'imda'],
  ...['meta', 'meco', 'udta', 'uuid', 'free', 'skip', 'wide', 'junk', 'pnot', 'PICT'],
])

export function startsAsMovie(head: Buffer): boolean {
  return head.length >= 12 && FIRST_TYPES.includes(head.toString('latin1', 4, 8))
}

/** See `Container`. */
interface Mp4 {
  isOpenEnded: boolean
  isIndexLast: boolean
}

/** What the boxes at the top level show. */
interface Boxes {
  /** Where the content of the index (`moov`) is. */
  index?: { start: number; end: number }
  hasMedia: boolean
  /** Whether media come before the index, so that players read to the end before they begin. */
  isIndexLast: boolean
  isFragmented: boolean
  /** Whether a fragment (`moof`) is the last thing there is, its media missing. */
  endsInFragment: boolean
  /** Whether the last box is media without a stated size. */
  isOpenEnded: boolean
}

/**
 * Checks an MP4 or MOV file by the sizes of its boxes and the places in its index. Bytes behind the
 * last box, left there by cameras, taggers and transfers, are no fault.
 *
 * @throws NotAVideoError
 */
export async function readMp4(file: FileHandle, fileBytes: number): Promise<Mp4> {
  const boxes = await walkBoxes(file, fileBytes)
  // Without an index the bytes have no meaning; many programs write it last, so cut files lack it.
  if (!boxes.index || !boxes.hasMedia || boxes.endsInFragment) throw new NotAVideoError(INCOMPLETE)
  const mediaEnd = await readTracks(file, boxes.index)
  if (mediaEnd > fileBytes) throw new NotAVideoError(INCOMPLETE)
  return {
    isOpenEnded: boxes.isOpenEnded && (boxes.isFragmented || mediaEnd === 0),
    isIndexLast: boxes.isIndexLast && !boxes.isFragmented,
  }
}

/** Follows the top-level boxes to the end of the file, or to trailing bytes that are no box. */
async function walkBoxes(file: FileHandle, fileBytes: number): Promise<Boxes> {
  const boxes: Boxes = {
    ...{ hasMedia: false, isIndexLast: false, isFragmented: false, endsInFragment: false, isOpenEnded: false },
  }
  let window: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) }
  for (let offset = 0, count = 0; offset < fileBytes; count++) {
    if (count === MAX_BOXES) throw new NotAVideoError(DAMAGED)
    if (offset + 16 > window.start + window.bytes.length) {
      window = { start: offset, bytes: await readAt(file, offset, WINDOW_BYTES) }
    }
    const start = window.bytes.subarray(offset - window.start, offset - window.start + 16)
    const header = readBoxHeader(start)
    const isCut = !header || offset + header.bytes > fileBytes
    if (isCut && isBehindMovie(start, boxes)) break
    if (!header) throw new NotAVideoError(isHeaderCut(start) ? INCOMPLETE : DAMAGED)
    if (isCut) throw new NotAVideoError(INCOMPLETE)
    note(boxes, header, start, offset, fileBytes)
    if (header.bytes === 0) break
    offset += header.bytes
  }
  return boxes
}

function note(boxes: Boxes, header: BoxHeader, start: Buffer, offset: number, fileBytes: number): void {
  const { type, headerBytes, bytes } = header
  if (type === 'ftyp' && IMAGE_BRAND.test(start.toString('latin1', headerBytes, headerBytes + 4))) {
    throw new NotAVideoError('The file is an image')
  }
  if (type === 'moov') boxes.index ??= { start: offset + headerBytes, end: bytes ? offset + bytes : fileBytes }
  boxes.isFragmented ||= type === 'moof'
  boxes.endsInFragment = type === 'moof'
  if (type === 'mdat') {
    boxes.hasMedia = true
    boxes.isIndexLast ||= boxes.index === undefined
    boxes.isOpenEnded = bytes === 0
  }
}

/**
 * Whether an incomplete box follows a movie that is already complete, instead of being its cut end.
 *
 * @param start up to 16 bytes, fewer at the end of the file
 */
function isBehindMovie(start: Buffer, { index, hasMedia, isFragmented }: Boxes): boolean {
  if (!index || !hasMedia) return false
  if (start.length >= 8) return !TOP_LEVEL.has(start.toString('latin1', 4, 8))
  // The index names all media, so a cut is found there. Only fragments may go on unannounced.
  return !isFragmented || !couldBeFragment(start)
}

/** Whether up to 7 bytes may begin a box: a size below 16 MiB and the start of a type. */
function couldBeFragment(start: Buffer): boolean {
  const hasSize = start.some((byte) => byte !== 0) && start[0] === 0
  const type = start.toString('latin1', 4)
  return hasSize && [...TOP_LEVEL].some((name) => name.startsWith(type))
}

/** Whether the file ends before a header does. */
const isHeaderCut = (start: Buffer) => start.length < 8 || (start.length < 16 && start.readUInt32BE(0) === 1)
