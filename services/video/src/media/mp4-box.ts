/** The header of a box (ISO/IEC 14496-12, 4.2), read from its first bytes. */
export interface BoxHeader {
  type: string
  /** 8, or 16 where the size has 64 bits. */
  headerBytes: number
  /** With the header. 0 means "to the end of the file". */
  bytes: number
}

/**
 * @returns undefined if the bytes end within the header, or it states a size smaller than itself
 */
export function readBoxHeader(bytes: Buffer): BoxHeader | undefined {
  if (bytes.length < 8) return undefined
  const type = bytes.toString('latin1', 4, 8)
  const size = bytes.readUInt32BE(0)
  if (size !== 1) return size === 0 || size >= 8 ? { type, headerBytes: 8, bytes: size } : undefined
  if (bytes.length < 16) return undefined
  const longSize = Number(bytes.readBigUInt64BE(8))
  return longSize >= 16 ? { type, headerBytes: 16, bytes: longSize } : undefined
}
