import { box, replaceBoxes } from './clips.ts'

/**
 * Builds videos whose headers lie. Movies are MP4 files with version 0 boxes and the index last, as
 * ffmpeg writes them.
 */

/**
 * States another duration in every box that has one, or in the given ones, without a byte more of
 * video.
 */
export function claimDuration(
  movie: Buffer,
  seconds: number,
  boxes: ('mvhd' | 'tkhd' | 'mdhd' | 'elst')[] = ['mvhd', 'tkhd', 'mdhd', 'elst'],
): Buffer {
  const timescaleOf = (content: Buffer) => content.readUInt32BE(12)
  let movieTimescale = 1000
  replaceBoxes(movie, 'mvhd', (content) => {
    movieTimescale = timescaleOf(content)
    return content
  })
  const write = (content: Buffer, at: number, timescale: number) => {
    const changed = Buffer.from(content)
    changed.writeUInt32BE(Math.min(seconds * timescale, 0xffff_ffff), at)
    return changed
  }
  const rewrite = {
    mvhd: (content: Buffer) => write(content, 16, timescaleOf(content)),
    mdhd: (content: Buffer) => write(content, 16, timescaleOf(content)),
    tkhd: (content: Buffer) => write(content, 20, movieTimescale),
    // An edit list is in `edts`, which replaceBoxes does not look into.
    elst: (content: Buffer) => content,
  }
  let changed = replaceBoxes(movie, 'edts', (edts) =>
    replaceBoxes(edts, 'elst', (content) => (boxes.includes('elst') ? write(content, 8, movieTimescale) : content)),
  )
  for (const name of boxes) changed = replaceBoxes(changed, name, rewrite[name])
  return changed
}

/**
 * Replaces the transformation matrix of every track: nine 32-bit numbers, by default the identity
 * (ISO/IEC 14496-12, 8.3.2).
 */
export function withMatrix(movie: Buffer, matrix: number[]): Buffer {
  return replaceBoxes(movie, 'tkhd', (content) => {
    const changed = Buffer.from(content)
    for (const [index, value] of matrix.entries()) changed.writeInt32BE(value, 40 + 4 * index)
    return changed
  })
}

/**
 * States a size of the picture in the track header and in the sample description; the coded picture
 * stays what it is.
 */
export function claimSize(movie: Buffer, width: number, height: number): Buffer {
  const inHeader = replaceBoxes(movie, 'tkhd', (content) => {
    const changed = Buffer.from(content)
    changed.writeUInt32BE(width * 0x1_0000, 76)
    changed.writeUInt32BE(height * 0x1_0000, 80)
    return changed
  })
  return replaceBoxes(inHeader, 'stsd', (content) => {
    const changed = Buffer.from(content)
    changed.writeUInt16BE(width, 40)
    changed.writeUInt16BE(height, 42)
    return changed
  })
}

/**
 * Puts another H.264 sequence parameter set with this size into the sample description (avcC).
 * Sides are multiples of 16.
 */
export function codedSize(movie: Buffer, width: number, height: number): Buffer {
  const sps = sequenceParameterSet(width, height)
  const pps = Buffer.from([0x68, 0xce, 0x38, 0x80])
  const lengthOf = (unit: Buffer) => Buffer.from([unit.length >> 8, unit.length & 0xff])
  const avcC = Buffer.concat([
    Buffer.from([1, 66, 0, 62, 0xff, 0xe1]),
    ...[lengthOf(sps), sps, Buffer.from([1]), lengthOf(pps), pps],
  ])
  return replaceBoxes(movie, 'stsd', (content) => {
    const entryHeader = content.subarray(16, 8 + 8 + 78)
    return Buffer.concat([content.subarray(0, 8), box('avc1', entryHeader, box('avcC', avcC))])
  })
}

/** Baseline profile, level 6.2 (ITU-T H.264, 7.3.2.1.1). */
function sequenceParameterSet(width: number, height: number): Buffer {
  const golomb = (value: number) => {
    const bits = (value + 1).toString(2)
    return '0'.repeat(bits.length - 1) + bits
  }
  const [setId, frameNumberBits, orderType, referenceFrames] = [0, 0, 2, 1].map(golomb)
  const size = golomb(width / 16 - 1) + golomb(height / 16 - 1)
  const bits = `${setId}${frameNumberBits}${orderType}${referenceFrames}0${size}11001`
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? []
  const payload = Buffer.from([66, 0, 62, ...bytes.map((byte) => Number.parseInt(byte, 2))])
  // Two zero bytes and a small one would look like the end of the unit (7.4.1).
  const escaped = payload.toString('latin1').replaceAll(/\0\0(?=[\0-\x03])/g, '\0\0\x03')
  return Buffer.concat([Buffer.from([0x67]), Buffer.from(escaped, 'latin1')])
}

/** An EBML element (RFC 8794) with an 8-byte size. */
function element(id: string, ...content: Buffer[]): Buffer {
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE((1n << 56n) | BigInt(content.reduce((sum, part) => sum + part.length, 0)))
  return Buffer.concat([Buffer.from(id, 'hex'), size, ...content])
}

/**
 * A WebM file that lists this many video tracks of 1 × 1 pixel, all with the same extra elements,
 * with one damaged picture.
 */
export function webmWithTracks(count: number, ...extra: Buffer[]): Buffer {
  const number = (value: number) => Buffer.from([value >> 24, value >> 16, value >> 8, value])
  const size = element('e0', element('b0', number(1)), element('ba', number(1)))
  const tracks = Array.from({ length: count }, (_, index) =>
    element(
      'ae',
      element('d7', number(index + 1)),
      element('73c5', number(index + 1)),
      element('83', number(1)),
      element('86', Buffer.from('V_VP9')),
      size,
      ...extra,
    ),
  )
  const info = element('1549a966', element('2ad7b1', number(1_000_000)))
  const cluster = element(
    '1f43b675',
    element('e7', number(0)),
    element('a3', Buffer.from([0x81, 0, 0, 0x80, 1, 2, 3, 4])),
  )
  const segment = element('18538067', info, element('1654ae6b', ...tracks), cluster)
  return Buffer.concat([element('1a45dfa3', element('4282', Buffer.from('webm'))), segment])
}

/** Changes the places at which the index of a movie says its media are. */
export function moveMedia(movie: Buffer, place: (offset: number) => number): Buffer {
  return replaceBoxes(movie, 'stco', (content) => {
    const changed = Buffer.from(content)
    for (let at = 8; at < content.length; at += 4) changed.writeUInt32BE(place(content.readUInt32BE(at)), at)
    return changed
  })
}

/** The boxes at the top level of a movie, each with its header. */
export function topLevelBoxes(movie: Buffer): { type: string; at: number; bytes: Buffer }[] {
  const boxes: { type: string; at: number; bytes: Buffer }[] = []
  for (let at = 0; at < movie.length; ) {
    const short = movie.readUInt32BE(at)
    const size = short === 1 ? Number(movie.readBigUInt64BE(at + 8)) : short || movie.length - at
    boxes.push({ type: movie.toString('latin1', at + 4, at + 8), at, bytes: movie.subarray(at, at + size) })
    at += size
  }
  return boxes
}

/** Replaces the type and size of a box at the top level, which stays where it is. */
export function relabel(movie: Buffer, type: string, label: { type?: string; size?: number }): Buffer {
  const changed = Buffer.from(movie)
  const at = topLevelBoxes(movie).find((box) => box.type === type)?.at ?? 0
  if (label.type !== undefined) changed.write(label.type, at + 4, 'latin1')
  if (label.size !== undefined) changed.writeUInt32BE(label.size, at)
  return changed
}

/**
 * Adds what the clock shows at the beginning to every fragment of a fragmented movie (`tfdt`,
 * version 1).
 */
export function withLateClock(movie: Buffer, ticks: number): Buffer {
  const late = (fragment: Buffer) =>
    replaceBoxes(fragment, 'tfdt', (content) => {
      const changed = Buffer.from(content)
      changed.writeBigUInt64BE(content.readBigUInt64BE(4) + BigInt(ticks), 4)
      return changed
    })
  return replaceBoxes(movie, 'moof', (content) => replaceBoxes(content, 'traf', (track) => late(track)))
}

/** States another duration in a WebM file that states one. */
export function stateDuration(webm: Buffer, seconds: number): Buffer {
  const changed = Buffer.from(webm)
  changed.writeDoubleBE(seconds * 1_000, webm.indexOf(Buffer.from('448988', 'hex')) + 3)
  return changed
}

/**
 * A WebM file whose only track says that it is encrypted, and with which key (RFC 9559,
 * 5.1.4.1.31).
 */
export function encryptedWebm(): Buffer {
  const encryption = element('5035', element('47e1', Buffer.from([5])), element('47e2', Buffer.alloc(16, 7)))
  const encoding = element('6240', element('5031', Buffer.from([0])), element('5033', Buffer.from([1])), encryption)
  return webmWithTracks(1, element('6d80', encoding))
}
