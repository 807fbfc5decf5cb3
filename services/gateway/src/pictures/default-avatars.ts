import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { pictureKinds } from '@fanone/contracts'
import type { RequestHandler } from 'express'

/** `/default-avatars/<user id>/<width>.png`. */
const PATH = new RegExp(`^/default-avatars/([1-9]\\d{0,15})/(${pictureKinds.avatar.widths.join('|')})\\.png$`)
const ONE_YEAR_SECONDS = 31_536_000
const CELLS = 8
/** Cells of the figure; one stays free on each side. */
const FIGURE = CELLS - 2

/**
 * Serves the avatars of users who have none of their own: a symmetric figure in a colour, both
 * drawn from the id, always the same.
 */
export const defaultAvatars: RequestHandler = (request, response, next) => {
  const [, id, width] = PATH.exec(request.path) ?? []
  if (id === undefined || !['GET', 'HEAD'].includes(request.method)) return next()
  response.set({
    'Cache-Control': `public, max-age=${ONE_YEAR_SECONDS}, immutable`,
    'X-Content-Type-Options': 'nosniff',
  })
  response.type('png').send(drawAvatar(id, Number(width)))
}

/**
 * A PNG with a palette of two colours, one bit a pixel.
 *
 * @param width a multiple of 64
 */
export function drawAvatar(id: string, width: number): Buffer {
  const hash = createHash('sha256').update(`avatar ${id}`).digest()
  const rows = Array.from({ length: CELLS }, (_, y) => Array.from({ length: CELLS }, (_, x) => isFilled(hash, x, y)))
  const bytesOfCell = width / CELLS / 8
  const lines = rows.flatMap((row) => {
    const pixels = Buffer.concat(row.map((filled) => Buffer.alloc(bytesOfCell, filled ? 0xff : 0)))
    // Each line begins with its filter: none.
    return Array<Buffer>(width / CELLS).fill(Buffer.concat([Buffer.alloc(1), pixels]))
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(width, 4)
  header.set([1, 3, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from([...BACKGROUND, ...colourOf(hash)])),
    chunk('IDAT', deflateSync(Buffer.concat(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const BACKGROUND = [0xf2, 0xf2, 0xf4]

/** Each bit of the hash is a cell of the left half; the right half mirrors it. */
function isFilled(hash: Buffer, x: number, y: number): boolean {
  const [column, row] = [x - 1, y - 1]
  if (column < 0 || row < 0 || column >= FIGURE || row >= FIGURE) return false
  const bit = row * (FIGURE / 2) + Math.min(column, FIGURE - 1 - column)
  return ((hash[bit >> 3] as number) >> (bit & 7)) % 2 === 1
}

/** Hues all around the circle, dark enough for the background. */
function colourOf(hash: Buffer): number[] {
  const hue = hash.readUInt16BE(16) / 65_536
  return [0, 8, 4].map((offset) => {
    const position = (offset + hue * 12) % 12
    return Math.round(255 * (0.45 - 0.25 * Math.max(-1, Math.min(position - 3, 9 - position, 1))))
  })
}

/** Length, type, data and checksum (PNG, third edition, 5.3). */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
