/**
 * Reads movies in fragments as our own encoder writes them (ISO/IEC 14496-12): `ftyp`, `moov`, then
 * a `moof` and an `mdat` for each segment.
 */

/** The first track is the picture. */
const VIDEO_TRACK = 1

export interface Box {
  type: string
  /** With its header. */
  bytes: Buffer
  content: Buffer
}

/** One segment: where it begins, counted from the first, and how long it plays, in track time. */
export interface Fragment {
  bytes: number
  duration: number
}

/** Cuts a stream into boxes. Only one box at a time is in memory. */
export class BoxReader {
  readonly #maxBoxBytes: number
  #pending: Buffer[] = []
  #pendingBytes = 0

  constructor(options: { maxBoxBytes: number }) {
    this.#maxBoxBytes = options.maxBoxBytes
  }

  /** @returns the boxes that are complete with this piece @throws Error for what is no box */
  read(chunk: Buffer): Box[] {
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    if (this.#pendingBytes < this.#wantedBytes()) return []
    let bytes = Buffer.concat(this.#pending)
    const boxes: Box[] = []
    while (bytes.length >= 8) {
      const size = bytes.readUInt32BE(0)
      if (size < 8 || size > this.#maxBoxBytes) throw new Error(`a box of ${size} bytes was written`)
      if (bytes.length < size) break
      boxes.push(toBox(bytes.subarray(0, size)))
      bytes = bytes.subarray(size)
    }
    this.#pending = bytes.length > 0 ? [bytes] : []
    this.#pendingBytes = bytes.length
    return boxes
  }

  /** Whether the stream ended with a whole box. */
  get isComplete(): boolean {
    return this.#pendingBytes === 0
  }

  #wantedBytes(): number {
    const [first] = this.#pending
    return first && first.length >= 8 ? Math.min(first.readUInt32BE(0), this.#maxBoxBytes) : 8
  }
}

const toBox = (bytes: Buffer): Box => ({
  type: bytes.toString('latin1', 4, 8),
  bytes,
  content: bytes.subarray(8),
})

/** The boxes directly within one. */
export function childrenOf(content: Buffer): Box[] {
  const boxes: Box[] = []
  for (let at = 0; at + 8 <= content.length; ) {
    const size = content.readUInt32BE(at)
    if (size < 8) throw new Error('a box without an end was written')
    boxes.push(toBox(content.subarray(at, at + size)))
    at += size
  }
  return boxes
}

/** How long the picture of a fragment (`moof`) plays, in track time. */
export function pictureDuration(moof: Box): number {
  const track = childrenOf(moof.content)
    .filter(({ type }) => type === 'traf')
    .map(({ content }) => childrenOf(content))
    .find((boxes) => boxes.some(({ type, content }) => type === 'tfhd' && content.readUInt32BE(4) === VIDEO_TRACK))
  if (!track) return 0
  const header = track.find(({ type }) => type === 'tfhd')?.content ?? Buffer.alloc(8)
  const runs = track.filter(({ type }) => type === 'trun')
  return runs.reduce((sum, run) => sum + runDuration(run.content, defaultDuration(header)), 0)
}

/** ISO/IEC 14496-12, 8.8.7. */
function defaultDuration(header: Buffer): number {
  const flags = header.readUIntBE(1, 3)
  if (!(flags & 0x8)) return 0
  return header.readUInt32BE(8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0))
}

/** ISO/IEC 14496-12, 8.8.8. */
function runDuration(run: Buffer, ofEach: number): number {
  const flags = run.readUIntBE(1, 3)
  const count = run.readUInt32BE(4)
  if (!(flags & 0x100)) return count * ofEach
  const first = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0)
  const stride = 4 * [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length
  let sum = 0
  for (let index = 0; index < count; index++) sum += run.readUInt32BE(first + index * stride)
  return sum
}

/**
 * Says in the index (`moov`) how long the whole movie plays, which fragments alone do not tell
 * (`mehd`, 8.8.2).
 *
 * @param durationMs our encoder's movies count in ms
 */
export function withDuration(moov: Box, durationMs: number): Buffer {
  const header = Buffer.alloc(16)
  header.writeUInt32BE(16)
  header.write('mehd', 4, 'latin1')
  header.writeUInt32BE(Math.min(durationMs, 0xffff_ffff), 12)
  const children = childrenOf(moov.content).map(({ type, bytes, content }) =>
    type === 'mvex' ? wrap('mvex', [header, content]) : bytes,
  )
  return wrap('moov', children)
}

/** Where each segment is and how long it plays, so that players seek without looking (8.16.3). */
export function segmentIndex(fragments: Fragment[], timescale: number): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32BE(VIDEO_TRACK, 4)
  head.writeUInt32BE(timescale, 8)
  head.writeUInt16BE(fragments.length, 22)
  const entries = fragments.map(({ bytes, duration }) => {
    const entry = Buffer.alloc(12)
    entry.writeUInt32BE(bytes)
    entry.writeUInt32BE(duration, 4)
    // Each begins with a key frame (SAP type 1).
    entry.writeUInt32BE(0x9000_0000, 8)
    return entry
  })
  return wrap('sidx', [head, ...entries])
}

function wrap(type: string, contents: Buffer[]): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(contents.reduce((sum, part) => sum + part.length, 8))
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, ...contents])
}

/** The picture's codec as playlists name it (RFC 6381), from the index of the movie. */
export function avcCodec(moov: Buffer): string {
  const at = moov.indexOf('avcC')
  if (at === -1) throw new Error('no H.264 was written')
  return `avc1.${moov.toString('hex', at + 5, at + 8)}`
}
